package graph_test

import (
	"testing"
	"time"

	"byoe/providers"
	"byoe/providers/graph"
	"byoe/providers/providertest"
)

func warm(t *testing.T, p *graph.Provider) error {
	t.Helper()
	return p.Warm(t.Context())
}

func complaint(code string) string {
	return `{"error":{"code":"` + code + `","message":"person@example.org","innerError":{"request-id":"x"}}}`
}

func TestAnswers(t *testing.T) {
	platform := providertest.NewIdentity(t, token)
	connect := func(t *testing.T, url string) providers.Provider {
		return open(t, platform, url, providertest.Client(t))
	}
	rows := append(
		providertest.CommonAnswers(),
		providertest.Answer{Status: 202, Header: map[string]string{"request-id": "c3b0e6c8-0a1b"}, Accepted: true, Code: "c3b0e6c8-0a1b"},
		providertest.Answer{Name: "no id", Status: 202, Accepted: true},
		providertest.Answer{Name: "another success", Status: 200, Kind: providers.KindAmbiguous, Code: "200"},
		providertest.Answer{Status: 204, Kind: providers.KindAmbiguous, Code: "204"},
		providertest.Answer{Name: "unknown code", Status: 400, Body: complaint("NewError"), Kind: providers.KindConfig, Code: "400"},
		providertest.Answer{Name: "a code beside success", Status: 201, Body: complaint("ErrorAccessDenied"), Kind: providers.KindAmbiguous, Code: "201"},
		providertest.Answer{Name: "a code beside a gateway's time-out", Status: 504, Body: complaint("ErrorTimeoutExpired"), Kind: providers.KindAmbiguous, Code: "504"},
		providertest.Answer{Name: "an unknown error", Status: 500, Body: complaint("UnknownError"), Kind: providers.KindTemporary, Code: "500"},
		providertest.Answer{Name: "an unknown error about the token", Status: 401, Body: complaint("UnknownError"), Kind: providers.KindAuth, Code: "401"},
		providertest.Answer{Name: "recipients, at the wrong place", Status: 500, Body: complaint("ErrorInvalidRecipients"), Kind: providers.KindTemporary, Code: "500"},
		providertest.Answer{Name: "a code that quotes", Status: 400, Body: complaint("person@example.org"), Kind: providers.KindConfig, Code: "400"},
		providertest.Answer{Name: "throttled, for long", Status: 429, Body: complaint("ApplicationThrottled"), Header: map[string]string{"Retry-After": "120"}, Kind: providers.KindThrottled, Code: "429 ApplicationThrottled", RetryAfter: 2 * time.Minute},
	)
	for _, row := range []struct {
		status int
		code   string
		kind   providers.Kind
	}{
		{400, "ErrorInvalidRecipients", providers.KindInvalidAddress},
		{400, "ErrorInvalidRequest", providers.KindConfig},
		{400, "BadRequest", providers.KindConfig},
		{400, "RequestBodyRead", providers.KindConfig},
		{400, "ErrorInvalidInternetHeaderName", providers.KindConfig},
		{401, "InvalidAuthenticationToken", providers.KindAuth},
		{401, "CompactToken", providers.KindAuth},
		{401, "Unauthorized", providers.KindAuth},
		{403, "ErrorAccessDenied", providers.KindAuth},
		{403, "Authorization_RequestDenied", providers.KindAuth},
		{403, "AccessDenied", providers.KindAuth},
		{403, "Forbidden", providers.KindAuth},
		{403, "ErrorSendAsDenied", providers.KindConfig},
		{403, "ErrorAccountDisabled", providers.KindConfig},
		{403, "ErrorAccountSuspend", providers.KindConfig},
		{403, "ErrorMessageSubmissionBlocked", providers.KindThrottled},
		{403, "ErrorQuotaExceeded", providers.KindThrottled},
		{404, "ErrorInvalidUser", providers.KindConfig},
		{404, "ErrorNonExistentMailbox", providers.KindConfig},
		{404, "MailboxNotEnabledForRESTAPI", providers.KindConfig},
		{404, "MailboxNotSupportedForRESTAPI", providers.KindConfig},
		{404, "ResourceNotFound", providers.KindConfig},
		{404, "Request_ResourceNotFound", providers.KindConfig},
		{409, "ErrorMessageSizeExceeded", providers.KindConfig},
		{429, "TooManyRequests", providers.KindThrottled},
		{429, "ErrorExceededMessageLimit", providers.KindThrottled},
		{429, "ErrorTooManyObjectsOpened", providers.KindThrottled},
		{500, "ErrorInternalServerError", providers.KindTemporary},
		{503, "ErrorServerBusy", providers.KindThrottled},
		{503, "MailboxInfoStale", providers.KindTemporary},
		{503, "ErrorMailboxStoreUnavailable", providers.KindTemporary},
		{503, "ServiceUnavailable", providers.KindTemporary},
		{503, "ErrorTimeoutExpired", providers.KindTemporary},
		{503, "ErrorInternalServerTransientError", providers.KindTemporary},
	} {
		answer := providertest.Answer{Name: row.code, Status: row.status, Body: complaint(row.code), Kind: row.kind}
		answer.Code = map[int]string{400: "400", 401: "401", 403: "403", 404: "404", 409: "409", 429: "429", 500: "500", 503: "503"}[row.status] + " " + row.code
		rows = append(rows, answer)
	}
	// RunAnswers' rows run in parallel, when this test's platform would be gone: the group keeps it.
	t.Run("rows", func(t *testing.T) { providertest.RunAnswers(t, connect, rows) })
}
