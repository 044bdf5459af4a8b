package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"byoe/entra/graph"
	"byoe/entra/graphtest"
	"byoe/entra/guests"
)

// terminal is where a command runs in a test.
type terminal struct {
	*program

	out, err bytes.Buffer
}

func newTerminal(t *testing.T) *terminal {
	term := &terminal{}
	term.program = &program{ctx: t.Context(), environ: map[string]string{}, stdout: &term.out, stderr: &term.err}
	return term
}

// signInTo opens the stand-in's directory as the commands do theirs.
func (term *terminal) signInTo(t *testing.T, g *graphtest.Graph) *directory {
	t.Helper()
	flags := signInFlags{Tenant: graphtest.TenantID}
	d, err := flags.openWith(term.program, graph.Options{Cloud: g.Cloud(), Credential: g.Credential(), Transport: g.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Somebody who is signed in to another directory changes nothing in it.
func TestOtherDirectory(t *testing.T) {
	t.Parallel()
	g := graphtest.New(t)
	g.SignIn(graphtest.Me{TenantID: "99999999-aaaa-4bbb-8ccc-000000000009", Name: "admin@fabrikam.example"})
	term := newTerminal(t)
	_, err := signInFlags{Tenant: graphtest.TenantID}.openWith(term.program, graph.Options{Cloud: g.Cloud(), Credential: g.Credential(), Transport: g.Transport()})
	if err == nil || !strings.Contains(err.Error(), "99999999") || len(g.Requests()) != 0 {
		t.Error(err)
	}
}

func TestOpenNamesTheDirectory(t *testing.T) {
	t.Parallel()
	g := graphtest.New(t)
	term := newTerminal(t)
	term.signInTo(t, g)
	if got, want := term.err.String(), "Directory Contoso Customers ("+graphtest.TenantID+", external tenant), signed in as admin@contoso.onmicrosoft.com\n"; got != want {
		t.Error(got)
	}
	g.Deny("GET", "/organization", 403, "Authorization_RequestDenied", "no")
	if d := term.signInTo(t, g); d.ID != graphtest.TenantID {
		t.Errorf("%+v", d)
	}
}

func TestGuestsPolicy(t *testing.T) {
	t.Parallel()
	g := graphtest.New(t)
	g.SetTenantType("AAD")
	g.AddGuest("a@fabrikam.example", "mail")
	term := newTerminal(t)
	d := term.signInTo(t, g)
	if err := (guestsPolicySet{Policy: "disabled"}).set(term.program, d); !errors.Is(err, errNotConfirmed) || len(g.Writes()) != 0 {
		t.Error(err, g.Writes())
	}
	for _, says := range []string{"LOCKED OUT", "There are 1 now", "does not fire in workforce tenants", "From default"} {
		if !strings.Contains(term.err.String(), says) {
			t.Errorf("not said: %s\n%s", says, term.err.String())
		}
	}
	if err := (guestsPolicySet{Policy: "disabled", Yes: true}).set(term.program, d); err != nil || len(g.Writes()) != 1 {
		t.Error(err, g.Writes())
	}
	if err := (guestsPolicySet{Policy: "disabled", Yes: true, JSON: true}).set(term.program, d); err != nil || len(g.Writes()) != 1 {
		t.Errorf("changed again: %v", err)
	}
	if err := (guestsPolicyGet{}).get(term.program, d); err != nil || !strings.Contains(term.out.String(), "disabled: no guest gets a code") {
		t.Error(err, term.out.String())
	}
	d.cloud = graph.USGovernment()
	if err := (guestsPolicySet{Policy: "default"}).set(term.program, d); !errors.Is(err, errNotConfirmed) || !strings.Contains(term.err.String(), "US Government cloud codes for guests are off by default") {
		t.Error(err)
	}
	g.Deny("GET", "/policies", 403, "accessDenied", "no")
	if err := (guestsPolicyGet{}).get(term.program, d); err == nil || !strings.Contains(err.Error(), "Policy.Read.AuthenticationMethod") || !strings.Contains(err.Error(), "--sign-in device") {
		t.Error(err)
	}
}

// What list prints, reset reads: a dry run, then the change, and again where it stopped.
func TestGuestsListAndReset(t *testing.T) {
	t.Parallel()
	g := graphtest.New(t)
	for _, name := range []string{"a", "b", "c"} {
		g.AddGuest(name+"@fabrikam.example", "mail")
	}
	g.AddGuest("other@fabrikam.example", "ExternalAzureAD")
	term := newTerminal(t)
	d := term.signInTo(t, g)
	if err := (guestsList{}).list(term.program, d); err != nil {
		t.Fatal(err)
	}
	r := guestsReset{File: filepath.Join(t.TempDir(), "guests.txt"), JSON: true}
	if err := os.WriteFile(r.File, []byte("\uFEFF# id mail\r\n"+term.out.String()+"\nnobody@fabrikam.example\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	whom, err := r.whom()
	if err != nil || len(whom) != 4 {
		t.Fatal(whom, err)
	}
	if err := r.reset(term.program, d, whom); err == nil || len(g.Writes()) != 0 || !strings.Contains(term.err.String(), "3 would be") {
		t.Error(err, g.Writes())
	}
	r.Yes = true
	g.Deny("POST", "/invitations", 403, "Authorization_RequestDenied", "no")
	if err := r.reset(term.program, d, whom[:3]); err == nil || !strings.Contains(err.Error(), "User.ReadWrite.All") || len(g.Writes()) != 3 {
		t.Error(err, len(g.Writes()))
	}
	g.Heal()
	if err := r.reset(term.program, d, whom[:1]); err != nil {
		t.Error(err)
	}
	g.Forget()
	term.out.Reset()
	if err := r.reset(term.program, d, whom); err == nil || !strings.Contains(err.Error(), "1 of 4 guests failed") {
		t.Error(err)
	}
	var results []resetResult
	if err := json.Unmarshal(term.out.Bytes(), &results); err != nil {
		t.Fatal(err, term.out.String())
	}
	for i, want := range []string{isPending, wasReset, wasReset, hasFailed} {
		if results[i].Result != want || (results[i].RedeemURL != "") != (want == wasReset) {
			t.Errorf("%d: %+v, want %s", i, results[i], want)
		}
	}
	if len(g.Writes()) != 2 || strings.Count(term.err.String(), "4/4") != 2 {
		t.Errorf("%d writes\n%s", len(g.Writes()), term.err.String())
	}
	again := guestsReset{Guest: whom[0], Yes: true, Again: true, SendMail: true}
	term.out.Reset()
	if err := again.reset(term.program, d, whom[:1]); err != nil || strings.Contains(term.out.String(), "https://") {
		t.Error(err, term.out.String())
	}
	if body := g.Writes()[2].Body; !strings.Contains(body, `"sendInvitationMessage":true`) || !strings.Contains(body, guests.Home(graphtest.TenantID, graph.Public())) {
		t.Error(body)
	}
}

// A throttled or broken Graph stops the run: each further guest would fail for the same reason.
func TestGuestsResetStops(t *testing.T) {
	t.Parallel()
	g := graphtest.New(t)
	whom := []string{g.AddGuest("a@fabrikam.example", "mail"), g.AddGuest("b@fabrikam.example", "mail")}
	term := newTerminal(t)
	d := term.signInTo(t, g)
	d.client = g.ClientOnce()
	g.StopAt(2, graphtest.LostBefore)
	if err := (guestsReset{Yes: true}).reset(term.program, d, whom); err == nil || !strings.Contains(err.Error(), "Run it again") || !strings.Contains(term.err.String(), "1 of 2 guests") {
		t.Error(err, term.err.String())
	}
}

func TestGuestsResetWhom(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, []byte("# none\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, r := range []guestsReset{{}, {Guest: "a", File: "b"}, {File: empty}, {File: empty + "x"}} {
		if whom, err := r.whom(); err == nil {
			t.Errorf("%+v: %v", r, whom)
		}
	}
}

func TestGuestsLinks(t *testing.T) {
	t.Parallel()
	g := graphtest.New(t)
	term := newTerminal(t)
	d := term.signInTo(t, g)
	if err := (guestsLinks{JSON: true}).links(term.program, d); err != nil || !strings.Contains(term.out.String(), `"https://myapps.microsoft.com/?tenantid=`+graphtest.TenantID+`"`) {
		t.Error(err, term.out.String())
	}
	term.out.Reset()
	if err := (guestsLinks{}).links(term.program, d); err != nil || strings.Count(term.out.String(), "\n") != 4 {
		t.Error(err, term.out.String())
	}
}

// Each command's help names what it needs, and a tenant has to be named.
func TestGuestsCommandLine(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"guests --help": "EmailOtpSend", "guests list --help": "User.Read.All", "guests reset --help": "User.ReadWrite.All",
		"guests policy get --help": "Policy.Read.AuthenticationMethod", "guests policy set --help": "Policy.ReadWrite.AuthenticationMethod",
		"guests links --help": "Organization.Read.All",
	} {
		var out bytes.Buffer
		if err := Run(t.Context(), strings.Fields(args), nil, &out, &out); err != nil || !strings.Contains(strings.Join(strings.Fields(out.String()), " "), want) {
			t.Errorf("%s: %v\n%s", args, err, out.String())
		}
	}
	for args, want := range map[string]string{
		"guests list": "--tenant", "guests list --tenant contoso": "not a GUID", "guests list --tenant x --cloud china": "--cloud",
		"guests policy set on --tenant x": "enabled", "guests reset --tenant " + graphtest.TenantID: "give one guest",
	} {
		var out bytes.Buffer
		if err := Run(t.Context(), strings.Fields(args), nil, &out, &out); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", args, err)
		}
	}
}
