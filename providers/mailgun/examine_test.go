package mailgun_test

import (
	"net/http"
	"testing"

	"byoe/providers"
	"byoe/providers/providertest"
)

func TestExamine(t *testing.T) {
	t.Parallel()
	const details, tracking = "/v4/domains/" + domain, "/v3/domains/" + domain + "/tracking"
	const about = "domain " + domain
	providertest.RunExamine(t, connect, func(h http.Header) bool {
		user, password, ok := (&http.Request{Header: h}).BasicAuth()
		return ok && user == "api" && password == key
	}, []providertest.Told{
		{
			Name: "active", Answers: map[string]string{details: `{"domain":{"state":"active","type":"custom","smtp_password":"hunter2"},"sending_dns_records":[{"valid":"valid"}]}`},
			About: about, Grade: providers.GradeGood, Evidence: "active",
		},
		{
			Name: "a record missing", Answers: map[string]string{details: `{"domain":{"state":"active"},"sending_dns_records":[{"valid":"valid"},{"valid":"unknown"}]}`},
			About: about, Grade: providers.GradeDoubtful, Evidence: "not all", Remedy: "Publish",
		},
		{
			Name: "unverified", Answers: map[string]string{details: `{"domain":{"state":"unverified"}}`},
			About: about, Grade: providers.GradeDoubtful, Evidence: "not all", Remedy: "Publish",
		},
		{
			Name: "disabled", Answers: map[string]string{details: `{"domain":{"state":"active","is_disabled":true}}`},
			About: about, Grade: providers.GradeBad, Evidence: "disabled", Remedy: "support",
		},
		{
			Name: "sandbox", Answers: map[string]string{details: `{"domain":{"state":"active","type":"sandbox"}}`},
			About: about, Grade: providers.GradeBad, Evidence: "authorized recipients", Remedy: "domain of your own",
		},
		{Name: "a sending key", Status: 401, About: about, Evidence: "not told to this key"},
		{
			Name: "not tracked", Answers: map[string]string{tracking: `{"tracking":{"open":{"active":false},"click":{"active":false},"unsubscribe":{"active":false}}}`},
			About: "tracking", Grade: providers.GradeGood, Evidence: "off",
		},
		{
			Name: "clicks tracked", Answers: map[string]string{tracking: `{"tracking":{"click":{"active":true}}}`},
			About: "tracking", Grade: providers.GradeDoubtful, Evidence: "on for the domain", Remedy: "Switch it off",
		},
		{
			Name: "unsubscribe", Answers: map[string]string{tracking: `{"tracking":{"unsubscribe":{"active":true,"html_footer":"hunter2"}}}`},
			About: "tracking", Grade: providers.GradeDoubtful, Evidence: "no more codes", Remedy: "Switch it off",
		},
	})
}
