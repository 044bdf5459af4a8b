package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"byoe/entra"
	"byoe/entra/graph"
	"byoe/entra/graphtest"
)

const (
	setupApp  = "77777777-aaaa-4bbb-8ccc-000000000007"
	setupHost = "contoso-otp.azurewebsites.net"
)

// setupIn is a session of a command as it is after its flags were read and somebody has signed in.
func (term *terminal) setupIn(t *testing.T, g *graphtest.Graph, record string, change func(f *setupFlags, w *entra.Want)) *session {
	t.Helper()
	flags := setupFlags{signInFlags: signInFlags{Tenant: graphtest.TenantID}, Name: entra.DefaultName, Record: record, Caller: entra.CallerAppID}
	want := flags.want()
	want.Endpoint, want.Apps = entra.DefaultEndpoint(setupHost), []string{setupApp}
	if change != nil {
		change(&flags, &want)
	}
	s, err := flags.startIn(term.program, term.signInTo(t, g), want)
	if err != nil {
		t.Fatal(err)
	}
	s.pace = entra.Pace{First: time.Millisecond, Longest: time.Millisecond, Most: 100 * time.Millisecond}
	return s
}

func (term *terminal) says(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(term.out.String()+term.err.String(), text) {
			t.Errorf("%q is not in\n%s%s", text, term.err.String(), term.out.String())
		}
	}
}

func TestSetupFromPlanToRemove(t *testing.T) {
	t.Parallel()
	g := graphtest.New(t)
	record := filepath.Join(t.TempDir(), "record.json")
	run := func(do func(s *session) error, texts ...string) {
		t.Helper()
		term := newTerminal(t)
		if err := do(term.setupIn(t, g, record, nil)); err != nil {
			t.Fatal(err)
		}
		term.says(t, texts...)
	}
	run((*session).showPlan, "+ create the app registration", "byoe setup apply with the same flags does it")
	if len(g.Writes()) != 0 {
		t.Errorf("plan wrote %v", g.Writes())
	}
	run(func(s *session) error { return s.doApply(nil) },
		"Directory Contoso Customers", "+ create the event listener", "Done, and read back", "ENTRA_TENANT_ID="+graphtest.TenantID,
		"ENTRA_AUDIENCE=", "ENTRA_ALLOWED_EXTENSIONS=", "byoe doctor")
	run(func(s *session) error { return s.doApply(nil) }, "Nothing to change", "was read back so")
	run(func(s *session) error { return s.off("") }, "- delete the event listener", "byoe setup on")
	run(func(s *session) error { return s.doApply(nil) }, "until then Microsoft sends the codes")
	run((*session).on, "+ create the event listener", "byoe setup off")
	term := newTerminal(t)
	if err := term.setupIn(t, g, record, nil).takeAway(false, ""); !errors.Is(err, errNotConfirmed) {
		t.Errorf("remove without --yes: %v", err)
	}
	term.says(t, "- delete the app registration")
	run(func(s *session) error { return s.takeAway(true, "") }, "- delete the app registration", "Done")
	if n := len(g.List(graphtest.Applications)) + len(g.List(graphtest.Extensions)); n != 0 {
		t.Errorf("%d things are left", n)
	}
}

func TestSetupJSON(t *testing.T) {
	t.Parallel()
	g := graphtest.New(t)
	term := newTerminal(t)
	s := term.setupIn(t, g, filepath.Join(t.TempDir(), "r.json"), func(f *setupFlags, w *entra.Want) {
		f.JSON = true
		w.Endpoint += "?code=hunter2"
	})
	if err := s.doApply(nil); err != nil {
		t.Fatal(err)
	}
	var report struct {
		Applied  bool
		Plan     struct{ Steps []map[string]any }
		Settings []entra.Setting
	}
	if err := json.Unmarshal(term.out.Bytes(), &report); err != nil || !report.Applied || len(report.Plan.Steps) != 7 || len(report.Settings) != 3 {
		t.Errorf("%v: %s", err, term.out.String())
	}
	if strings.Contains(term.out.String()+term.err.String(), "hunter2") {
		t.Errorf("a key is told:\n%s", term.out.String())
	}
}

func TestSetupAdopt(t *testing.T) {
	t.Parallel()
	g := graphtest.New(t)
	record := filepath.Join(t.TempDir(), "record.json")
	term := newTerminal(t)
	if err := term.setupIn(t, g, record, nil).adopt("", true, nil); err == nil || !strings.Contains(err.Error(), "byoe setup apply makes one") {
		t.Errorf("%v", err)
	}
	if err := term.setupIn(t, g, record, nil).giveBack(false); !errors.Is(err, errNothingAdopted) {
		t.Errorf("%v", err)
	}
}

// app is the Function App of the stand-in, opened as the flags do.
func (term *terminal) app(t *testing.T, azure *graphtest.Azure, tenant string) (*functionApp, error) {
	t.Helper()
	g := graphtest.New(t)
	g.SignIn(graphtest.Me{TenantID: "44444444-aaaa-4bbb-8ccc-000000000004", Name: "owner@fabrikam.example"})
	return functionAppFlags{FunctionApp: azure.Site.ID(), AppTenant: tenant}.openAppWith(term.program, graph.Options{
		Cloud: g.Cloud(), Credential: g.Credential(), Transport: azure.Transport(),
	})
}

func TestSetupSetsTheFunctionApp(t *testing.T) {
	t.Parallel()
	g, azure := graphtest.New(t), graphtest.NewAzure(map[string]string{"MAIL_FROM": "no-reply@contoso.example"})
	term := newTerminal(t)
	app, err := term.app(t, azure, "44444444-aaaa-4bbb-8ccc-000000000004")
	if err != nil {
		t.Fatal(err)
	}
	want, err := wantFlags{appsFlags: appsFlags{App: []string{setupApp}}, Timeout: 2000, Retries: 1}.wantedFor(term.program,
		setupFlags{signInFlags: signInFlags{Tenant: graphtest.TenantID}, Name: "x", Caller: entra.CallerAppID}, app)
	if err != nil || want.Endpoint != "https://"+azure.HostName+"/api/EmailOtpSend" {
		t.Errorf("%v, %v", want.Endpoint, err)
	}
	record := filepath.Join(t.TempDir(), "record.json")
	for range 2 {
		if err := term.setupIn(t, g, record, nil).doApply(app); err != nil {
			t.Fatal(err)
		}
	}
	settings, writes := azure.Settings()
	if settings["MAIL_FROM"] == "" || settings["ENTRA_TENANT_ID"] != graphtest.TenantID || len(settings) != 4 || writes != 1 {
		t.Errorf("%v, written %d times", settings, writes)
	}
	term.says(t, "Function App contoso-otp (subscription 3333", "directory 44444444-aaaa-4bbb-8ccc-000000000004", "owner@fabrikam.example", "Set on the Function App, which restarts: ENTRA_ALLOWED_EXTENSIONS, ENTRA_AUDIENCE, ENTRA_TENANT_ID")
}

func TestSetupLeavesSettingsOfSeveralTenants(t *testing.T) {
	t.Parallel()
	azure := graphtest.NewAzure(map[string]string{"ENTRA_TENANT_ID": "a,b"})
	term := newTerminal(t)
	app, err := term.app(t, azure, "44444444-aaaa-4bbb-8ccc-000000000004")
	if err != nil {
		t.Fatal(err)
	}
	if err := term.setupIn(t, graphtest.New(t), filepath.Join(t.TempDir(), "r.json"), nil).doApply(app); !errors.Is(err, errSeveral) {
		t.Errorf("%v", err)
	}
	if _, writes := azure.Settings(); writes != 0 {
		t.Error("they were written")
	}
	if _, err := term.app(t, azure, graphtest.TenantID); err == nil || !strings.Contains(err.Error(), "for the Function App: signed in to the directory") {
		t.Errorf("another directory: %v", err)
	}
}

func TestSetupCommandLine(t *testing.T) {
	t.Parallel()
	for line, says := range map[string]string{
		"setup apply --tenant x --host contoso":                                                     "--tenant: not a GUID",
		"setup apply --tenant " + graphtest.TenantID + " --all-apps":                                "--endpoint: not given",
		"setup apply --tenant " + graphtest.TenantID + " --function-app x --all-apps":               "--app-tenant",
		"setup apply --tenant " + graphtest.TenantID + " --cloud usgov --host a.example --all-apps": "public cloud only",
		"setup remove --tenant " + graphtest.TenantID + " --cloud usgov":                            "public cloud only",
		"setup off": "--tenant",
	} {
		var out bytes.Buffer
		err := Run(t.Context(), strings.Fields(line), nil, &out, &out)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", line, err)
		}
	}
	var out bytes.Buffer
	if err := Run(t.Context(), []string{"setup", "--help"}, nil, &out, &out); err != nil || !strings.Contains(out.String(), "AppRoleAssignment.ReadWrite.All") {
		t.Errorf("%v\n%s", err, out.String())
	}
	if _, ok := any(setupCommand{}).(kong.HelpProvider); !ok {
		t.Error("the help has no details")
	}
}
