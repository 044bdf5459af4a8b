package doctor_test

import (
	"context"
	"errors"
	"testing"

	"byoe/config"
	"byoe/doctor"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	want(t, look(t, doctor.Settings(nil))[0], doctor.OK, "would start", "")
	results := look(t, doctor.Settings(config.Problems{
		{Setting: "MAIL_FROM", What: "not set", Remedy: "Give a mailbox"}, {Setting: "SMTP_HOST", What: "not set", Remedy: "Name the server"},
	}))
	want(t, find(t, results, "settings.MAIL_FROM"), doctor.Fail, "not set", "Give a mailbox")
	want(t, find(t, results, "settings.SMTP_HOST"), doctor.Fail, "not set", "Name the server")
	want(t, look(t, doctor.Instances(false))[0], doctor.OK, "", "")
	want(t, look(t, doctor.Instances(true))[0], doctor.Warn, "sent twice", "BYOE_HASH_KEY")
}

func TestPolicies(t *testing.T) {
	t.Parallel()
	on, off := true, false
	for name, tt := range map[string]struct {
		refusals         doctor.Refusals
		fallback         *bool
		verdict          doctor.Verdict
		evidence, remedy string
	}{
		"nothing refused":        {doctor.Refusals{ByError: true}, &on, doctor.OK, "no rule", ""},
		"dropped":                {doctor.Refusals{Some: true}, &on, doctor.OK, "no mail from anybody", ""},
		"by error, fallback on":  {doctor.Refusals{Some: true, ByError: true}, &on, doctor.Warn, "Microsoft sends the code", "RECIPIENT_REFUSAL=drop"},
		"by error, fallback off": {doctor.Refusals{Some: true, ByError: true}, &off, doctor.OK, "fallback is off", ""},
		"by error, not known":    {doctor.Refusals{Some: true, ByError: true}, nil, doctor.Skip, "not known", "--fallback"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.refusals.Fallback = func() *bool { return tt.fallback }
			want(t, look(t, doctor.Policies(tt.refusals))[0], tt.verdict, tt.evidence, tt.remedy)
		})
	}
}

func TestWiring(t *testing.T) {
	t.Parallel()
	want(t, look(t, (&doctor.Entra{}).Check())[0], doctor.Skip, "not signed in", "--sign-in")
	broken := &doctor.Entra{Read: func(context.Context) (doctor.Wired, error) { return doctor.Wired{}, errors.New("Graph answers 403") }}
	want(t, look(t, broken.Check())[0], doctor.Skip, "Graph answers 403", "--sign-in")
	on := true
	read := &doctor.Entra{Read: func(context.Context) (doctor.Wired, error) {
		return doctor.Wired{Target: "https://app.example/api/EmailOtpSend", Fallback: &on, Results: []doctor.Result{
			{ID: "wiring.consent", Title: "Consent", Verdict: doctor.Fail, Evidence: "not given", Remedy: "Give it"},
		}}, nil
	}}
	results := doctor.Run(t.Context(), []doctor.Check{read.Check(), doctor.Policies(doctor.Refusals{
		Some: true, ByError: true, Fallback: func() *bool { return read.Known().Fallback }, Awaits: []string{doctor.WiringID},
	})})
	want(t, find(t, results, "wiring.consent"), doctor.Fail, "not given", "Give it")
	want(t, find(t, results, "policies"), doctor.Warn, "fallback is on", "drop")
	if read.Known().Target == "" {
		t.Error("the target is lost")
	}
}
