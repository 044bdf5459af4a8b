package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"byoe/app"
	"byoe/providers"
	"byoe/providers/providertest"
)

// Whatever any HTTP vendor answers to a mail, it is accepted with a 2xx alone, under an id that is fit for a log, or it is a
// failure with a code that is.
func FuzzVendorAnswer(f *testing.F) {
	var status int
	var header, body string
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Message-Id", header)
		w.Header().Set("Retry-After", header)
		w.Header().Set("X-Amzn-Errortype", header)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	f.Cleanup(vendor.Close)
	const secret = "c2VjcmV0LW9mLXRoZS10ZXN0cy1zZWNyZXQtb2YtdGhlLXRlc3Rz"
	settings, _, _ := app.Load(map[string]string{
		"MAIL_PROVIDERS": "acs,http,mailgun,mailjet,postmark,resend,sendgrid,ses", "MAIL_FROM": "no-reply@contoso.example",
		"ACS_CONNECTION_STRING": "endpoint=" + vendor.URL + "/;accesskey=" + secret, "HTTP_MAIL_URL": vendor.URL, "HTTP_MAIL_SECRET": "whsec_" + secret,
		"MAILGUN_BASE_URL": vendor.URL, "MAILGUN_DOMAIN": "mg.contoso.example", "MAILGUN_API_KEY": secret,
		"MAILJET_BASE_URL": vendor.URL, "MAILJET_API_KEY": "key", "MAILJET_SECRET_KEY": secret,
		"POSTMARK_BASE_URL": vendor.URL, "POSTMARK_SERVER_TOKEN": secret, "RESEND_BASE_URL": vendor.URL, "RESEND_API_KEY": secret,
		"SENDGRID_BASE_URL": vendor.URL, "SENDGRID_API_KEY": secret,
		"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL_SESV2": vendor.URL, "AWS_ACCESS_KEY_ID": "AKIATESTKEYID0000001", "AWS_SECRET_ACCESS_KEY": secret,
	})
	mail, err := app.BuildMail(settings, nil, nil)
	if err != nil {
		f.Fatal(err)
	}
	for n := range mail.Providers {
		for _, answer := range []string{
			`{"id":"vendor-id-1","status":"Running"}`, `{"Messages":[{"Status":"success","To":[{"MessageID":123456789}]}]}`, `{"ErrorCode":0,"MessageID":"vendor-id-1"}`,
			`{"MessageId":"vendor-id-1"}`, `{"ErrorCode":406,"Message":"ann@example.com is inactive"}`, `{"errors":[{"field":"personalizations.0.to.0.email"}]}`,
			`{"message":"Email address is not verified","__type":"MessageRejected"}`, `{"statusCode":409,"name":"concurrent_idempotent_requests"}`, `[]`, `<html>`, ``,
		} {
			for _, s := range []int{202, 400, 409} {
				f.Add(n, s, "1", answer)
			}
		}
	}
	code := regexp.MustCompile(`^[A-Za-z0-9_./ -]{1,64}$`)
	f.Fuzz(func(t *testing.T, provider, answered int, head, text string) {
		status, header, body = 200+((answered-200)%400+400)%400, head, text // 1xx is no answer
		p := mail.Providers[(provider%len(mail.Providers)+len(mail.Providers))%len(mail.Providers)]
		ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond) // too little to be asked again
		defer cancel()
		receipt, err := p.Send(ctx, providertest.Submission(1))
		if err == nil {
			if status >= 300 || receipt.MessageID != providers.MessageID(receipt.MessageID) {
				t.Errorf("%s: %d %q %q was taken for %q", p.Name(), status, header, body, receipt.MessageID)
			}
			return
		}
		failure, isFailure := errors.AsType[*providers.Error](err)
		if !isFailure || !code.MatchString(failure.Code) || strings.Contains(err.Error(), "@") || failure.RetryAfter < 0 {
			t.Errorf("%s: %d %q %q: the failure is %v (%s)", p.Name(), status, header, body, err, strconv.Quote(failure.Code))
		}
		// 409 and 412 are answers to a mail that was there before: what became of that one is not known.
		answerRead := strings.HasPrefix(failure.Code, strconv.Itoa(status))
		if answerRead && status >= 400 && status < 500 && status != http.StatusConflict && status != http.StatusPreconditionFailed && failure.Kind == providers.KindAmbiguous {
			t.Errorf("%s: %d %q: a refusal is ambiguous", p.Name(), status, body)
		}
	})
}
