package mailjet_test

import (
	"fmt"
	"testing"
	"time"

	"byoe/providers"
	"byoe/providers/providertest"
)

// global is the error of a request that Mailjet did not look into, message that of its one message.
func global(code string, status int, related string) string {
	return fmt.Sprintf(`{"ErrorIdentifier":"1","ErrorCode":%q,"StatusCode":%d,"ErrorMessage":"…","ErrorRelatedTo":[%s]}`, code, status, related)
}

func message(code string, status int, related string) string {
	return `{"Messages":[{"Status":"error","Errors":[` + global(code, status, related) + `]}]}`
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	rows := append(
		providertest.CommonAnswers(),
		providertest.Answer{Status: 200, Body: `{"Messages":[{"Status":"success","To":[{"MessageUUID":"u-1","MessageID":456}]}]}`, Accepted: true, Code: "456"},
		providertest.Answer{Name: "UUID only", Status: 200, Body: `{"Messages":[{"Status":"success","To":[{"MessageUUID":"u-1"}]}]}`, Accepted: true, Code: "u-1"},
		providertest.Answer{Name: "id quotes", Status: 200, Body: `{"Messages":[{"Status":"success","To":[{"MessageUUID":"person@example.org"}]}]}`, Accepted: true},
		providertest.Answer{Name: "no id", Status: 200, Body: `{"Messages":[{"Status":"success"}]}`, Accepted: true},
		providertest.Answer{Name: "no message", Status: 200, Body: `{"Messages":[]}`, Kind: providers.KindAmbiguous, Code: "200"},
		providertest.Answer{Name: "two messages", Status: 200, Body: `{"Messages":[{"Status":"success"},{"Status":"error"}]}`, Kind: providers.KindAmbiguous, Code: "200"},
		providertest.Answer{Name: "empty", Status: 200, Kind: providers.KindAmbiguous, Code: "200"},
		providertest.Answer{Name: "another status word", Status: 200, Body: `{"Messages":[{"Status":"queued"}]}`, Kind: providers.KindAmbiguous, Code: "200"},
		providertest.Answer{Name: "another success", Status: 201, Body: `{"Messages":[{"Status":"success"}]}`, Kind: providers.KindAmbiguous, Code: "201"},
		providertest.Answer{Name: "error in it", Status: 200, Body: message("send-0008", 403, `"From"`), Kind: providers.KindConfig, Code: "200 send-0008"},
		providertest.Answer{Name: "unknown error in it", Status: 200, Body: message("send-9999", 500, ``), Kind: providers.KindTemporary, Code: "200 500"},
		providertest.Answer{Name: "unknown throttle in it", Status: 200, Body: message("new", 429, ``), Kind: providers.KindThrottled, Code: "200 429"},
		providertest.Answer{Name: "unknown in it, odd status", Status: 200, Body: message("new", 20000, ``), Kind: providers.KindAmbiguous, Code: "200"},
		providertest.Answer{Name: "suspended", Status: 401, Body: global("mj-0001", 401, ""), Kind: providers.KindAuth, Code: "401 mj-0001"},
		providertest.Answer{Name: "credentials", Status: 401, Body: global("mj-0015", 401, ""), Kind: providers.KindAuth, Code: "401 mj-0015"},
		providertest.Answer{Name: "to", Status: 400, Body: message("mj-0013", 400, `"To[0].Email"`), Kind: providers.KindInvalidAddress, Code: "400 mj-0013"},
		providertest.Answer{Name: "to, whole", Status: 400, Body: message("mj-0013", 400, `"To"`), Kind: providers.KindInvalidAddress, Code: "400 mj-0013"},
		providertest.Answer{Name: "to and from", Status: 400, Body: message("mj-0013", 400, `"To[0].Email","From.Email"`), Kind: providers.KindConfig, Code: "400 mj-0013"},
		providertest.Answer{Name: "from", Status: 400, Body: message("mj-0013", 400, `"From.Email"`), Kind: providers.KindConfig, Code: "400 mj-0013"},
		providertest.Answer{Name: "address of nobody", Status: 400, Body: message("mj-0013", 400, ``), Kind: providers.KindConfig, Code: "400 mj-0013"},
		providertest.Answer{Name: "tomorrow's field", Status: 400, Body: message("mj-0013", 400, `"Tomorrow"`), Kind: providers.KindConfig, Code: "400 mj-0013"},
		providertest.Answer{Name: "unknown", Status: 400, Body: message("mj-9999", 400, `"To"`), Kind: providers.KindConfig, Code: "400"},
		providertest.Answer{Name: "per minute", Status: 429, Body: global("", 429, ""), Header: map[string]string{"Retry-After": "60"}, Kind: providers.KindThrottled, Code: "429", RetryAfter: time.Minute},
		providertest.Answer{Name: "with an identifier", Status: 500, Body: global("mj-0013", 500, `"To"`), Kind: providers.KindTemporary, Code: "500"},
	)
	for _, code := range []string{"send-0006", "send-0007", "send-0008"} {
		rows = append(rows, providertest.Answer{Name: code, Status: 403, Body: message(code, 403, `"From"`), Kind: providers.KindConfig, Code: "403 " + code})
	}
	for _, code := range []string{
		"mj-0002", "mj-0003", "mj-0004", "mj-0005", "mj-0006", "mj-0007", "mj-0008", "mj-0009", "mj-0010", "mj-0011", "mj-0012",
		"send-0003", "send-0004", "send-0010", "send-0011", "send-0012", "send-0013", "send-0015", "send-0016",
	} {
		rows = append(rows, providertest.Answer{Name: code, Status: 400, Body: message(code, 400, `"To"`), Kind: providers.KindConfig, Code: "400 " + code})
	}
	providertest.RunAnswers(t, connect, rows)
}
