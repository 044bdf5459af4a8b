package ses_test

import (
	"net/http"
	"strings"
	"testing"

	"byoe/providers"
	"byoe/providers/providertest"
)

func TestExamine(t *testing.T) {
	t.Parallel()
	const account, identity = "/v2/email/account", "/v2/email/identities/contoso.example"
	quota := func(most, sent string) string {
		return `{"ProductionAccessEnabled":true,"SendingEnabled":true,"EnforcementStatus":"HEALTHY","SendQuota":{"Max24HourSend":` + most + `,"MaxSendRate":14,"SentLast24Hours":` + sent + `}}`
	}
	providertest.RunExamine(t, func(t *testing.T, url string) providers.Provider {
		t.Helper()
		return connect(t, testConfig(strings.TrimPrefix(url, "http://")))
	}, func(h http.Header) bool { return strings.Contains(h.Get("Authorization"), keyID) }, []providertest.Told{
		{Name: "in order", Answers: map[string]string{account: quota("50000", "1000")}, About: "account", Grade: providers.GradeGood, Evidence: "out of the sandbox"},
		{Name: "much left", Answers: map[string]string{account: quota("50000", "1000")}, About: "quota", Grade: providers.GradeGood, Evidence: "49000 of 50000 mails left for 24 h, 14 a second"},
		{Name: "little left", Answers: map[string]string{account: quota("50000", "45000")}, About: "quota", Grade: providers.GradeDoubtful, Evidence: "5000 of 50000", Remedy: "higher sending quota"},
		{Name: "nothing left", Answers: map[string]string{account: quota("200", "201")}, About: "quota", Grade: providers.GradeBad, Evidence: "0 of 200", Remedy: "second provider"},
		{Name: "no quota", Answers: map[string]string{account: quota("-1", "0")}, About: "quota", Grade: providers.GradeGood, Evidence: "no daily quota"},
		{
			Name: "sandbox", Answers: map[string]string{account: `{"SendingEnabled":true,"ProductionAccessEnabled":false}`},
			About: "account", Grade: providers.GradeBad, Evidence: "sandbox", Remedy: "production access",
		},
		{
			Name: "switched off", Answers: map[string]string{account: `{"SendingEnabled":false,"ProductionAccessEnabled":true}`},
			About: "account", Grade: providers.GradeBad, Evidence: "switched off", Remedy: "Account health",
		},
		{
			Name: "shut down", Answers: map[string]string{account: `{"SendingEnabled":true,"ProductionAccessEnabled":true,"EnforcementStatus":"SHUTDOWN"}`},
			About: "account", Grade: providers.GradeBad, Evidence: "switched off", Remedy: "Account health",
		},
		{
			Name: "under review", Answers: map[string]string{account: `{"SendingEnabled":true,"ProductionAccessEnabled":true,"EnforcementStatus":"PROBATION"}`},
			About: "account", Grade: providers.GradeDoubtful, Evidence: "under review", Remedy: "bounces",
		},
		{Name: "may not look", Status: 403, About: "account", Evidence: "not told to this key"},
		{
			Name: "signed", Answers: map[string]string{identity: `{"VerifiedForSendingStatus":true,"DkimAttributes":{"SigningEnabled":true,"Status":"SUCCESS"}}`},
			About: "domain contoso.example", Grade: providers.GradeGood, Evidence: "signed",
		},
		{
			Name: "not signed", Answers: map[string]string{identity: `{"VerifiedForSendingStatus":true,"DkimAttributes":{"SigningEnabled":true,"Status":"PENDING"}}`},
			About: "domain contoso.example", Grade: providers.GradeBad, Evidence: "not signed", Remedy: "three CNAME",
		},
		{
			Name: "not verified", Answers: map[string]string{identity: `{"VerifiedForSendingStatus":false}`},
			About: "domain contoso.example", Grade: providers.GradeBad, Evidence: "not verified", Remedy: "Publish",
		},
		{Name: "broken", Status: 500, About: "domain contoso.example", Evidence: "temporary (500)"},
	})
}

// A domain that has no identity may still be covered by another one's.
func TestExamineNoIdentity(t *testing.T) {
	t.Parallel()
	r := providertest.Record(t, func(w http.ResponseWriter, _ *http.Request) {
		respond(w, http.StatusNotFound, "NotFoundException", "hunter2")
	})
	for _, o := range connect(t, testConfig(strings.TrimPrefix(r.URL, "http://"))).Examine(t.Context(), providertest.Senders()) {
		if o.About == "domain contoso.example" && (o.Grade != providers.GradeDoubtful || !strings.Contains(o.Remedy, "Identities")) {
			t.Errorf("%+v", o)
		}
	}
}
