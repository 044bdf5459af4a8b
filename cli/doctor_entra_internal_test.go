package cli

import (
	"bytes"
	"strings"
	"testing"

	"byoe/app"
	"byoe/doctor"
	"byoe/entra/graph"
	"byoe/entra/graphtest"
)

// Where nothing is set up yet, each finding of the Entra side is one of doctor's, with its remedy and the codes as which it
// shows.
func TestDoctorReadsTheWiring(t *testing.T) {
	t.Parallel()
	g := graphtest.New(t)
	var stdout, stderr bytes.Buffer
	p := &program{ctx: t.Context(), environ: map[string]string{}, stdout: &stdout, stderr: &stderr}
	d, err := signInFlags{Tenant: graphtest.TenantID}.openWith(p, graph.Options{Cloud: g.Cloud(), Credential: g.Credential(), Transport: g.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	settings, _, problems := app.Load(map[string]string{"ENTRA_TENANT_ID": graphtest.TenantID, "ENTRA_AUDIENCE": "api://app.example/66666666-7777-8888-9999-000000000000"})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	check := (&doctor.Entra{Read: d.wiring(settings, "https://app.example/api/EmailOtpSend")}).Check()
	failed, coded := 0, 0
	for _, r := range doctor.Run(t.Context(), []doctor.Check{check}) {
		if !strings.HasPrefix(r.ID, "wiring.") || r.Title == "" {
			t.Errorf("%+v", r)
		}
		if r.Verdict != doctor.Fail {
			continue
		}
		failed++
		if r.Remedy == "" {
			t.Errorf("%+v has no remedy", r)
		}
		if strings.Contains(r.Evidence, "shows as 1003") {
			coded++
		}
	}
	if failed == 0 || coded == 0 {
		t.Errorf("%d failed, %d of them with a code of Entra's", failed, coded)
	}
}
