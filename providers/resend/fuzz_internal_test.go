package resend

import (
	"testing"

	"byoe/providers/httpclient"
	"byoe/providers/providertest"
)

// Whatever the vendor answers, the failure has a code that is fit for a log, and nothing panics.
func FuzzFailure(f *testing.F) {
	for _, body := range []string{"{\"name\":\"validation_error\",\"message\":\"Invalid `to` field\"}", `{"name":"daily_quota_exceeded"}`, `[]`, ``} {
		for _, status := range []int{200, 400, 401, 403, 404, 409, 422, 429, 500} {
			f.Add(status, []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		providertest.CheckFailure(t, failureOf(httpclient.Answer{Status: status, Body: body}), body)
	})
}
