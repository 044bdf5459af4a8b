package mailjet

import (
	"testing"

	"byoe/providers/httpclient"
	"byoe/providers/providertest"
)

// Whatever the vendor answers, the failure has a code that is fit for a log, and nothing panics.
func FuzzFailure(f *testing.F) {
	for _, body := range []string{`{"Messages":[{"Status":"error","Errors":[{"ErrorCode":"mj-0013","StatusCode":400,"ErrorRelatedTo":["To[0].Email"]}]}]}`, `{"ErrorCode":"mj-0015","StatusCode":401}`, `{"Messages":[{"Errors":[{"StatusCode":500}]}]}`, ``} {
		for _, status := range []int{200, 400, 401, 403, 404, 409, 422, 429, 500} {
			f.Add(status, []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		providertest.CheckFailure(t, failureOf(httpclient.Answer{Status: status, Body: body}), body)
	})
}
