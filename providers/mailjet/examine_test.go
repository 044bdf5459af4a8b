package mailjet_test

import (
	"net/http"
	"testing"

	"byoe/providers"
	"byoe/providers/providertest"
)

func TestExamine(t *testing.T) {
	t.Parallel()
	const senders, records = "/v3/REST/sender", "/v3/REST/dns/contoso.example"
	const sender, domain = "sender at contoso.example", "domain contoso.example"
	providertest.RunExamine(t, connect, func(h http.Header) bool {
		user, password, ok := (&http.Request{Header: h}).BasicAuth()
		return ok && user == key && password == secret
	}, []providertest.Told{
		{
			Name: "active", Answers: map[string]string{senders: `{"Data":[{"Status":"Inactive"},{"Status":"Active","Email":"hunter2"}]}`},
			About: sender, Grade: providers.GradeGood, Evidence: "active",
		},
		{
			Name: "inactive", Answers: map[string]string{senders: `{"Data":[{"Status":"Inactive"}]}`},
			About: sender, Grade: providers.GradeBad, Evidence: "no active sender", Remedy: "validate",
		},
		{Name: "bad key", Status: 401, About: sender, Evidence: "not told to this key"},
		{
			Name: "records in order", Answers: map[string]string{records: `{"Data":[{"DKIMStatus":"OK","SPFStatus":"OK"}]}`},
			About: domain, Grade: providers.GradeGood, Evidence: "in order",
		},
		{
			Name: "no DKIM", Answers: map[string]string{records: `{"Data":[{"DKIMStatus":"Error","SPFStatus":"OK"}]}`},
			About: domain, Grade: providers.GradeBad, Evidence: "DKIM key", Remedy: "Publish",
		},
		{
			Name: "no SPF", Answers: map[string]string{records: `{"Data":[{"DKIMStatus":"OK","SPFStatus":"Not checked"}]}`},
			About: domain, Grade: providers.GradeDoubtful, Evidence: "SPF record", Remedy: "Publish",
		},
		{
			Name: "not known", Answers: map[string]string{records: `{"Data":[]}`},
			About: domain, Grade: providers.GradeDoubtful, Evidence: "does not know", Remedy: "Publish",
		},
	})
}
