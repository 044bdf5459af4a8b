package devtenant_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byoe/devtenant"
	"byoe/internal/require"
)

func TestReplay(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	hook := newWebhook(t, says(200, "application/json", documented))
	attach(t, tenant, hook.URL+"/api/EmailOtpSend?code=a'b", nil)
	signIn(t, tenant, "locale", "de-de", "client", "native")
	got := submit(t, tenant, "/requests/1/replay")
	if got.status != http.StatusSeeOther || got.header.Get("Location") != "/requests/2" {
		t.Fatalf("status %d, %s", got.status, got.header.Get("Location"))
	}
	calls := hook.received()
	if diff := cmp.Diff(calls[0].body, calls[1].body); diff != "" {
		t.Error(diff)
	}
	if calls[0].authorization == calls[1].authorization {
		t.Error("a replay has the old token")
	}
	if strings.Contains(calls[0].body, "requestType") {
		t.Error("native authentication sends no requestType")
	}
	list := decode[[]map[string]any](t, get(t, tenant.URL()+"/requests.json").body)
	if len(list) != 2 || list[0]["origin"] != "replay" || list[1]["origin"] != "sign-in" || list[1]["locale"] != "de-de" || list[0]["status"] != 200.0 {
		t.Errorf("the list: %v", list)
	}
	one := decode[map[string]any](t, get(t, tenant.URL()+"/requests/2.json").body)
	if one["id"] != "2" || one["correlationId"] != list[1]["correlationId"] {
		t.Errorf("the second: %v", one)
	}
}

// The curl command on the page does what the call did, in a shell, whatever quotes there are in it.
func TestTheCurlCommandRuns(t *testing.T) {
	require.Component(t, "curl", func() error { _, err := exec.LookPath("curl"); return err })
	tenant := start(t)
	hook := newWebhook(t, says(200, "application/json", documented))
	attach(t, tenant, hook.URL+"/api/EmailOtpSend?code=a'b", nil)
	path := signIn(t, tenant, "appname", `O'Neill & "Sons" $(touch x)`, "appid", "11111111-2222-3333-4444-555555555555")
	var command string
	for _, node := range elements(t, get(t, tenant.URL()+path).body) {
		if class, _ := attribute(node, "class"); class == "curl" {
			command = textOf(node)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	shell := exec.CommandContext(ctx, "sh", "-c", command)
	shell.Dir = t.TempDir()
	out, err := shell.Output()
	if err != nil || !bytes.Contains(out, []byte("continueWithDefaultBehavior")) {
		t.Fatalf("%v: %s", err, out)
	}
	calls := hook.received()
	if len(calls) != 2 || calls[0].body != calls[1].body || calls[1].query != calls[0].query {
		t.Fatalf("%d calls; the command does not send what was sent", len(calls))
	}
	if _, err := verify(t, tenant, strings.TrimPrefix(calls[1].authorization, "Bearer ")); err != nil {
		t.Errorf("its token: %v", err)
	}
}

func TestOldCallsMakeRoom(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	hook := newWebhook(t, says(200, "application/json", documented))
	for range 203 {
		if _, err := tenant.SendCode(t.Context(), hook.URL, devtenant.SignIn{}); err != nil {
			t.Fatal(err)
		}
	}
	list := decode[[]map[string]any](t, get(t, tenant.URL()+"/requests.json").body)
	if len(list) != 200 || list[0]["id"] != "203" || list[199]["id"] != "4" {
		t.Errorf("%d calls, from %v to %v", len(list), list[0]["id"], list[len(list)-1]["id"])
	}
	if got := ask(t, http.MethodGet, tenant.URL()+"/requests/3", ""); got.status != http.StatusNotFound {
		t.Errorf("a call that made room: status %d", got.status)
	}
}

// somebodysTemplates are two mails that know nothing of byoe's.
type somebodysTemplates struct{ findings []devtenant.TemplateFinding }

const brandID = "99999999-2222-3333-4444-555555555555"

func (s somebodysTemplates) Set() devtenant.TemplateSet {
	return devtenant.TemplateSet{
		Version: "1", Brands: []devtenant.TemplateBrand{{ID: "default", Label: "default"}, {ID: brandID, Label: "The <shop>"}},
		Locales: []devtenant.TemplateLocale{{Tag: "en", Direction: "ltr"}, {Tag: "he", Direction: "rtl"}}, Flows: []string{"sign-up", "other"},
		Findings: s.findings,
	}
}

func (s somebodysTemplates) Mail(brand, locale, flow string) (devtenant.TemplateMail, error) {
	if brand != "default" && brand != brandID {
		return devtenant.TemplateMail{}, errors.New("no such brand")
	}
	name := fmt.Sprintf("%s %s %s", brand, locale, flow)
	return devtenant.TemplateMail{HTML: "<p>light " + name, DarkHTML: "<p>dark " + name, Text: "text <p> " + name}, nil
}

func TestTheTemplatesPage(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	if page := get(t, tenant.URL()+"/templates").body; !strings.Contains(page, "somebody else's") {
		t.Error("without templates the page does not say so")
	}
	if got := ask(t, http.MethodGet, tenant.URL()+"/templates/default/en/other/light", ""); got.status != http.StatusNotFound {
		t.Errorf("a mail of nobody's: status %d", got.status)
	}
	finding := devtenant.TemplateFinding{Place: "mail.html:7", What: "a <finding>", Remedy: "Mend it", Stops: true}
	attach(t, tenant, devtenant.DefaultWebhook, somebodysTemplates{findings: []devtenant.TemplateFinding{finding}})

	page := get(t, tenant.URL()+"/templates?brand="+brandID+"&flow=other&locale=he&part=dark&screen=desktop")
	frames := named(elements(t, page.body), "iframe")
	src, _ := attribute(frames[0], "src")
	if len(frames) != 1 || src != "/templates/"+brandID+"/he/other/dark?v=1" {
		t.Errorf("%d frames, the first %s", len(frames), src)
	}
	if !strings.Contains(page.body, "mail.html:7</code> a &lt;finding&gt;. Mend it.") || !strings.Contains(page.body, "would not start") {
		t.Error("the finding is not shown")
	}
	if all := named(elements(t, get(t, tenant.URL()+"/templates?flow=nonsense&brand=nonsense").body), "iframe"); len(all) != 2 {
		t.Errorf("%d frames for all languages", len(all))
	}
	if !strings.Contains(get(t, tenant.URL()+"/signin").body, "The &lt;shop&gt;") {
		t.Error("the sign-in page does not offer the brand's application")
	}
	for part, want := range map[string]string{"light": "<p>light default en other", "dark": "<p>dark default en other", "text": "text <p> default en other"} {
		got := get(t, tenant.URL()+"/templates/default/en/other/"+part)
		if got.body != want || strings.HasPrefix(got.header.Get("Content-Type"), "text/plain") != (part == "text") {
			t.Errorf("%s: %s %q", part, got.header.Get("Content-Type"), got.body)
		}
		for _, policy := range []string{"sandbox;", "default-src 'none'", "frame-ancestors 'self'"} {
			if !strings.Contains(got.header.Get("Content-Security-Policy"), policy) {
				t.Errorf("%s: the policy lacks %s", part, policy)
			}
		}
		if strings.Contains(got.header.Get("Content-Security-Policy"), "script") {
			t.Errorf("%s: scripts may run", part)
		}
	}
	if got := ask(t, http.MethodGet, tenant.URL()+"/templates/nobody/en/other/light", ""); got.status != http.StatusNotFound {
		t.Errorf("a brand that there is not: status %d", got.status)
	}
}

func TestTheCheckPage(t *testing.T) {
	t.Parallel()
	options := anywhere()
	options.Conformance = func(_ context.Context, _ *devtenant.Tenant, webhook string) devtenant.Report {
		return devtenant.Report{Webhook: webhook, Checks: []devtenant.Check{
			{ID: "a", Title: "good", Verdict: devtenant.Pass}, {ID: "b", Title: "bad", Verdict: devtenant.Fail, Remedy: "Mend it"},
		}}
	}
	tenant, err := devtenant.Start(t.Context(), options, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer closeTenant(t, tenant)
	if !strings.Contains(get(t, tenant.URL()+"/check").body, devtenant.DefaultWebhook) {
		t.Error("the page does not propose the webhook that is driven")
	}
	page := submit(t, tenant, "/check", "webhook", "http://127.0.0.1:9/x")
	if page.status != http.StatusOK || !strings.Contains(page.body, "1 passed, 1 failed, 0 skipped") || !strings.Contains(page.body, "Mend it") {
		t.Errorf("the report: status %d", page.status)
	}
	report := decode[devtenant.Report](t, submit(t, tenant, "/check.json").body)
	if report.Webhook != devtenant.DefaultWebhook || report.Count(devtenant.Fail) != 1 {
		t.Errorf("as JSON: %+v", report)
	}
	for _, path := range []string{"/check", "/check.json"} {
		if got := submit(t, tenant, path, "webhook", "nonsense"); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s without an address: %d", path, got.status)
		}
	}
	without := start(t)
	if got := ask(t, http.MethodGet, without.URL()+"/check", ""); got.status != http.StatusNotFound {
		t.Errorf("a tenant that cannot check has the page: %d", got.status)
	}
}

// Two runs at once would mend each other's faults.
func TestChecksRunOneAtATime(t *testing.T) {
	t.Parallel()
	var running, most atomic.Int64
	options := anywhere()
	options.Conformance = func(context.Context, *devtenant.Tenant, string) devtenant.Report {
		most.Store(max(most.Load(), running.Add(1)))
		time.Sleep(20 * time.Millisecond)
		running.Add(-1)
		return devtenant.Report{}
	}
	tenant, err := devtenant.Start(t.Context(), options, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer closeTenant(t, tenant)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { submit(t, tenant, "/check.json") })
	}
	all.Wait()
	if most.Load() != 1 {
		t.Errorf("%d at once", most.Load())
	}
}

func TestAnExposedTenant(t *testing.T) {
	t.Parallel()
	options := devtenant.Options{Addr: "0.0.0.0:0", MailboxAddr: "0.0.0.0:0", Exposed: true}
	tenant, err := devtenant.Start(t.Context(), options, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer closeTenant(t, tenant)
	if !strings.HasPrefix(tenant.URL(), "http://127.0.0.1:") {
		t.Errorf("its address is %s, which this machine cannot call", tenant.URL())
	}
	for host, want := range map[string]int{"192.0.2.7:17072": 200, "[2001:db8::7]:80": 200, "192.0.2.7": 200, "rebound.example:7072": 403, "rebound.example": 403} {
		if got := ask(t, http.MethodGet, tenant.URL()+"/mailbox", "", "Host", host); got.status != want {
			t.Errorf("under %s: status %d, want %d", host, got.status, want)
		}
	}
	options.Exposed = false
	if _, err := devtenant.Start(t.Context(), options, nil); err == nil || !strings.Contains(err.Error(), "DEV_TENANT_EXPOSED") {
		t.Errorf("without the option: %v", err)
	}
}
