package sendgrid_test

import (
	"net/http"
	"testing"

	"byoe/providers"
	"byoe/providers/providertest"
	"byoe/providers/sendgrid"
	"byoe/redact"
)

func TestExamine(t *testing.T) {
	t.Parallel()
	const scopes, domains, domain = "/v3/scopes", "/v3/whitelabel/domains?limit=50&domain=contoso.example", "domain contoso.example"
	providertest.RunExamine(t, func(t *testing.T, url string) providers.Provider {
		t.Helper()
		return connect(t, sendgrid.Config{APIKey: redact.NewSecret(key), BaseURL: url})
	}, func(h http.Header) bool { return h.Get("Authorization") == "Bearer "+key }, []providertest.Told{
		{
			Name: "may send", Answers: map[string]string{scopes: `{"scopes":["mail.send","sender_verification_eligible"]}`},
			About: "permissions", Grade: providers.GradeGood, Evidence: "may send",
		},
		{
			Name: "may not send", Answers: map[string]string{scopes: `{"scopes":["stats.read","hunter2"]}`},
			About: "permissions", Grade: providers.GradeBad, Evidence: "no mail.send", Remedy: "Mail Send",
		},
		{
			Name: "may do everything", Answers: map[string]string{scopes: `{"scopes":["api_keys.create","mail.send"]}`},
			About: "permissions", Grade: providers.GradeDoubtful, Evidence: "make keys", Remedy: "Restricted Access",
		},
		{Name: "bad key", Status: 401, About: "permissions", Evidence: "not told to this key"},
		{Name: "no answer", Status: 500, About: "permissions", Evidence: "temporary (500)"},
		{Name: "not JSON", Answers: map[string]string{scopes: "hunter2"}, About: "permissions", Evidence: "unreadable answer"},
		{
			Name: "authenticated", Answers: map[string]string{domains: `[{"domain":"other.example","valid":false},{"domain":"Contoso.example","valid":true}]`},
			About: domain, Grade: providers.GradeGood, Evidence: "authenticated",
		},
		{
			Name: "records missing", Answers: map[string]string{domains: `[{"domain":"contoso.example","valid":false}]`},
			About: domain, Grade: providers.GradeBad, Evidence: "does not find", Remedy: "Sender Authentication",
		},
		{
			Name: "not there", Answers: map[string]string{domains: `[]`},
			About: domain, Grade: providers.GradeDoubtful, Evidence: "not among", Remedy: "Sender Authentication",
		},
		{Name: "may not look", Status: 403, About: domain, Evidence: "not told to this key"},
	})
}
