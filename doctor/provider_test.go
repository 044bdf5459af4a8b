package doctor_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"byoe/doctor"
	"byoe/providers"
	"byoe/providers/providertest"
)

// plain is a provider that can do nothing but send.
type plain struct{ providers.Provider }

// tried is one that can be tried and asked.
type tried struct {
	providers.Provider

	err  error
	told []providers.Observation
}

func (p tried) Check(context.Context, providers.Submission) (string, error) {
	return "validated", p.err
}

func (p tried) Examine(context.Context, []providers.Sender) []providers.Observation { return p.told }

func TestProviderMail(t *testing.T) {
	t.Parallel()
	failure := func(kind providers.Kind) error {
		return &providers.Error{Kind: kind, Code: "the code", Cause: errors.New("hunter2")}
	}
	for name, tt := range map[string]struct {
		provider         providers.Provider
		verdict          doctor.Verdict
		evidence, remedy string
	}{
		"accepted":        {tried{}, doctor.OK, "validated", ""},
		"wrong settings":  {nil, doctor.Skip, "settings are wrong", "under settings"},
		"cannot be tried": {plain{}, doctor.Skip, "no way to try", "byoe send"},
		"key":             {tried{err: failure(providers.KindAuth)}, doctor.Fail, "auth (the code)", "key once more"},
		"set-up":          {tried{err: failure(providers.KindConfig)}, doctor.Fail, "config (the code)", "Verify the sender"},
		"quota":           {tried{err: failure(providers.KindThrottled)}, doctor.Fail, "throttled", "second provider"},
		"not reached":     {tried{err: failure(providers.KindTemporary)}, doctor.Fail, "temporary", "firewalls"},
		"suppressed":      {tried{err: failure(providers.KindRefused)}, doctor.Fail, "refused", "suppression list"},
		"own address":     {tried{err: failure(providers.KindInvalidAddress)}, doctor.Fail, "invalid-address", "sender's own address"},
		"odd answer":      {tried{err: failure(providers.KindAmbiguous)}, doctor.Fail, "ambiguous", "base URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := look(t, doctor.Provider("vendor", tt.provider, providertest.Submission(1), nil)[0])[0]
			want(t, r, tt.verdict, tt.evidence, tt.remedy)
			if strings.Contains(r.Evidence, "hunter2") {
				t.Error("the cause is told")
			}
		})
	}
}

func TestProviderAccount(t *testing.T) {
	t.Parallel()
	if checks := doctor.Provider("vendor", plain{}, providertest.Submission(1), nil); len(checks) != 1 {
		t.Errorf("%d checks of a provider that tells nothing", len(checks))
	}
	results := look(t, doctor.Provider("vendor", tried{told: []providers.Observation{
		{About: "quota", Grade: providers.GradeGood, Evidence: "much left"},
		{About: "tracking", Grade: providers.GradeDoubtful, Evidence: "on", Remedy: "Switch it off"},
		{About: "account", Grade: providers.GradeBad, Evidence: "closed", Remedy: "Open it"},
		providers.Unknown("domain", &providers.Error{Kind: providers.KindAuth, Code: "403"}),
		providers.Unknown("rest", &providers.Error{Kind: providers.KindTemporary, Code: "timeout"}),
	}}, providertest.Submission(1), nil)[1])
	want(t, find(t, results, "provider.vendor.account quota"), doctor.OK, "much left", "")
	want(t, find(t, results, "provider.vendor.account tracking"), doctor.Warn, "on", "Switch it off")
	want(t, find(t, results, "provider.vendor.account account"), doctor.Fail, "closed", "Open it")
	want(t, find(t, results, "provider.vendor.account domain"), doctor.Skip, "not told to this key", "console")
	want(t, find(t, results, "provider.vendor.account rest"), doctor.Skip, "temporary (timeout)", "")
}
