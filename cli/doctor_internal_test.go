package cli

import (
	"io"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byoe/doctor"
)

// A check that waits for one behind it, or for one of a name that nobody has, would not wait at all.
func TestDoctorsChecksStandInOrder(t *testing.T) {
	t.Parallel()
	environ := map[string]string{
		"ENTRA_TENANT_ID": "11111111-2222-3333-4444-555555555555", "ENTRA_AUDIENCE": "66666666-7777-8888-9999-000000000000",
		"MAIL_PROVIDERS": "sendgrid,ses", "MAIL_FROM": "no-reply@contoso.example", "SENDGRID_API_KEY": "k", "AWS_REGION": "eu-west-1",
		"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AZURE_CLIENT_ID": "id", "AZURE_CLIENT_SECRET": "s",
	}
	var before []string
	checks := doctorRunCommand{}.checks(&program{ctx: t.Context(), environ: environ, stdout: io.Discard, stderr: io.Discard})
	for _, c := range checks {
		for _, id := range slices.Concat(c.After, c.Awaits) {
			if !slices.Contains(before, id) {
				t.Errorf("%s waits for %s, which does not stand before it", c.ID, id)
			}
		}
		if slices.Contains(before, c.ID) || c.Title == "" || c.Look == nil {
			t.Errorf("%s is not whole, or there twice", c.ID)
		}
		before = append(before, c.ID)
	}
	want := []string{"settings", "clock", "authority", "providers", "sender", "wiring", "policies", "endpoint"}
	if diff := cmp.Diff(want, doctor.Groups(checks)); diff != "" {
		t.Error(diff)
	}
}

func TestDoctorsNameServers(t *testing.T) {
	t.Parallel()
	c := doctorRunCommand{DNS: []string{"9.9.9.9", "127.0.0.1:5353", "2620:fe::fe", "[2620:fe::fe]", "[::1]:53"}}
	want := []string{"9.9.9.9:53", "127.0.0.1:5353", "[2620:fe::fe]:53", "[2620:fe::fe]:53", "[::1]:53"}
	if diff := cmp.Diff(want, c.resolver(t.Context()).Servers); diff != "" {
		t.Error(diff)
	}
}
