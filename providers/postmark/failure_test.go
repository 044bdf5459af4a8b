package postmark_test

import (
	"strconv"
	"testing"

	"byoe/providers"
	"byoe/providers/providertest"
)

func complaint(code int, message string) string {
	return `{"ErrorCode":` + strconv.Itoa(code) + `,"Message":"` + message + `"}`
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	rows := append(
		providertest.CommonAnswers(),
		providertest.Answer{Status: 200, Body: `{"ErrorCode":0,"MessageID":"0a129aee-e1cd-480d-b08d-4f48548ff48d"}`, Accepted: true, Code: "0a129aee-e1cd-480d-b08d-4f48548ff48d"},
		providertest.Answer{Name: "id quotes", Status: 200, Body: `{"ErrorCode":0,"MessageID":"person@example.org"}`, Accepted: true},
		providertest.Answer{Name: "no code", Status: 200, Body: `{"MessageID":"1"}`, Kind: providers.KindAmbiguous, Code: "200"},
		providertest.Answer{Name: "empty", Status: 200, Kind: providers.KindAmbiguous, Code: "200"},
		providertest.Answer{Name: "error in it", Status: 200, Body: complaint(406, "Found inactive addresses: person@example.org"), Kind: providers.KindRefused, Code: "200 406"},
		providertest.Answer{Name: "another success", Status: 202, Body: `{"ErrorCode":0}`, Kind: providers.KindAmbiguous, Code: "202"},
		providertest.Answer{Status: 204, Kind: providers.KindAmbiguous, Code: "204"},
		providertest.Answer{Name: "to", Status: 422, Body: complaint(300, "Invalid 'To' address: 'person'."), Kind: providers.KindInvalidAddress, Code: "422 300"},
		providertest.Answer{Name: "to, unparsed", Status: 422, Body: complaint(300, "Error parsing 'To': Illegal email domain"), Kind: providers.KindInvalidAddress, Code: "422 300"},
		providertest.Answer{Name: "from", Status: 422, Body: complaint(300, "Invalid 'From' address: 'nobody'."), Kind: providers.KindConfig, Code: "422 300"},
		providertest.Answer{Name: "reply-to", Status: 422, Body: complaint(300, "Error parsing 'ReplyTo'"), Kind: providers.KindConfig, Code: "422 300"},
		providertest.Answer{Name: "token", Status: 401, Body: complaint(10, "Bad or missing Server API token."), Kind: providers.KindAuth, Code: "401 10"},
		providertest.Answer{Name: "maintenance", Status: 422, Body: complaint(100, ""), Kind: providers.KindTemporary, Code: "422 100"},
		providertest.Answer{Name: "maintenance, 503", Status: 503, Body: complaint(100, ""), Kind: providers.KindTemporary, Code: "503"},
		providertest.Answer{Name: "credits", Status: 422, Body: complaint(405, ""), Kind: providers.KindThrottled, Code: "422 405"},
		providertest.Answer{Name: "inactive", Status: 422, Body: complaint(406, ""), Kind: providers.KindRefused, Code: "422 406"},
		providertest.Answer{Name: "unknown code", Status: 422, Body: complaint(1235, ""), Kind: providers.KindConfig, Code: "422"},
		providertest.Answer{Name: "throttled beside a code", Status: 429, Body: complaint(406, ""), Kind: providers.KindThrottled, Code: "429"},
		providertest.Answer{Name: "broken beside a code", Status: 500, Body: complaint(406, ""), Kind: providers.KindTemporary, Code: "500"},
		providertest.Answer{Name: "not found", Status: 404, Body: `{}`, Kind: providers.KindConfig, Code: "404"},
	)
	for _, code := range []int{400, 401, 402, 403, 409, 410, 411, 412, 413} {
		rows = append(rows, providertest.Answer{
			Name: "code " + strconv.Itoa(code), Status: 422, Body: complaint(code, "Invalid 'To' address"), Kind: providers.KindConfig, Code: "422 " + strconv.Itoa(code),
		})
	}
	providertest.RunAnswers(t, connect, rows)
}
