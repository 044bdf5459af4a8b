package resend_test

import (
	"net/http"
	"testing"

	"byoe/providers"
	"byoe/providers/providertest"
)

func TestExamine(t *testing.T) {
	t.Parallel()
	const about = "domain contoso.example"
	list := `{"data":[{"id":"d0","name":"other.example"},{"id":"d1","name":"Contoso.example"}]}`
	providertest.RunExamine(t, connect, func(h http.Header) bool { return h.Get("Authorization") == "Bearer "+key }, []providertest.Told{
		{
			Name: "in order", Answers: map[string]string{"/domains": list, "/domains/d1": `{"status":"verified","open_tracking":false,"click_tracking":false}`},
			About: about, Grade: providers.GradeGood, Evidence: "tracking off",
		},
		{
			Name: "not verified", Answers: map[string]string{"/domains": list, "/domains/d1": `{"status":"pending"}`},
			About: about, Grade: providers.GradeBad, Evidence: "not verified", Remedy: "Publish",
		},
		{
			Name: "opens tracked", Answers: map[string]string{"/domains": list, "/domains/d1": `{"status":"verified","open_tracking":true}`},
			About: about, Grade: providers.GradeDoubtful, Evidence: "tracked", Remedy: "Switch open and click tracking off",
		},
		{
			Name: "clicks tracked", Answers: map[string]string{"/domains": list, "/domains/d1": `{"status":"verified","click_tracking":true}`},
			About: about, Grade: providers.GradeDoubtful, Evidence: "tracked", Remedy: "Switch open and click tracking off",
		},
		{
			Name: "not there", Answers: map[string]string{"/domains": `{"data":[]}`},
			About: about, Grade: providers.GradeBad, Evidence: "refused", Remedy: "Add the domain",
		},
		{Name: "details refused", Answers: map[string]string{"/domains": list}, Status: 429, About: about, Evidence: "throttled (429)"},
		{Name: "a sending key", Status: 401, About: "domains", Evidence: "not told to this key"},
	})
}
