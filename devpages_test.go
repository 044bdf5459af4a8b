package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"byoe/cli"
	"byoe/devtenant"
	"byoe/internal/browsertest"
	"byoe/internal/require"
)

// devPages is byoe dev, and a browser before its pages.
type devPages struct {
	*testing.T

	ctx    context.Context
	tenant string
	stdout *output
}

// startDev runs byoe dev and returns its streams and the tenant's address.
func startDev(t *testing.T, args, environ []string) (stdout *output, tenant string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	stdout = &output{}
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, append([]string{"dev"}, args...), environ, stdout, stdout) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("byoe dev ended with %v", err)
		}
	})
	line := regexp.MustCompile(`tenant +(http://\S+)`)
	for range 1000 {
		if match := line.FindStringSubmatch(stdout.String()); match != nil && strings.Contains(stdout.String(), "Ctrl-C") {
			return stdout, match[1]
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("byoe dev ended at once: %v\n%s", err, stdout.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatalf("byoe dev does not come up:\n%s", stdout.String())
	return nil, ""
}

func openDevPages(t *testing.T, environ []string) *devPages {
	t.Helper()
	ctx := browsertest.Open(t)
	stdout, tenant := startDev(t, nil, environ)
	return &devPages{T: t, ctx: ctx, tenant: tenant, stdout: stdout}
}

// do takes steps in the browser.
func (p *devPages) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.Fatalf("%s: %v", what, err)
	}
}

// see evaluates JavaScript on the page.
func (p *devPages) see(expression string) string {
	p.Helper()
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](expression))
	if err != nil {
		p.Fatalf("%s: %v", expression, err)
	}
	return value
}

// wait waits until JavaScript is true.
func (p *devPages) wait(what, expression string) {
	p.Helper()
	for range 300 {
		if p.see("String(Boolean("+expression+"))") == "true" {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.Fatalf("%s: %s stays false; the page says: %s", what, expression, p.see("document.body.innerText"))
}

// signIn fills in the form, sends it, and waits for the sign-in's page.
func (p *devPages) signIn(to, locale string) {
	p.Helper()
	p.do("the sign-in form",
		chromedp.Navigate(p.tenant+"/signin"),
		chromedp.SetValue("#to", to), chromedp.SetValue("#locale", locale), chromedp.SetValue("#preset", "b2c"),
		chromedp.Click("button.first"), chromedp.WaitVisible("#wire"))
}

// code is the one in the newest mail for somebody.
func (p *devPages) code(to string) string {
	p.Helper()
	_, body := get(p.T, p.tenant+"/mailbox.json")
	var mails []struct {
		To   []string
		Code string
	}
	if err := json.Unmarshal([]byte(body), &mails); err != nil {
		p.Fatal(err)
	}
	for _, mail := range mails {
		if mail.To[0] == to {
			return mail.Code
		}
	}
	p.Fatalf("no mail for %s", to)
	return ""
}

// enter types a code and waits for what is made of it.
func (p *devPages) enter(code, outcome string) {
	p.Helper()
	before := p.see("document.body.dataset.seen = 'yes'") // gone with the next page
	p.do("typing a code", chromedp.SetValue("#code", code), chromedp.Click("#verify"))
	p.wait("after "+before, `document.body && document.body.dataset.seen !== "yes" && document.readyState === "complete"`)
	if got := p.see(`document.getElementById("outcome").textContent`); got != outcome {
		p.Errorf("the outcome is %s, want %s", got, outcome)
	}
}

// press clicks a button that leads to another page, and waits for it.
func (p *devPages) press(button string) {
	p.Helper()
	p.see("document.body.dataset.seen = 'yes'")
	p.do("pressing "+button, chromedp.Click(button))
	p.wait("after "+button, `document.body && document.body.dataset.seen !== "yes" && document.readyState === "complete"`)
}

// A person's ways through a sign-in, clicked in a real browser against the real webhook.
func TestSigningInInABrowser(t *testing.T) {
	templates := t.TempDir()
	if err := run(t.Context(), []string{"templates", "export", templates}, nil, &output{}, &output{}); err != nil {
		t.Fatal(err)
	}
	p := openDevPages(t, devEnviron("MAIL_TEMPLATES_DIR="+templates))

	// Sign up, from the form to the mail and back.
	p.signIn("first@example.com", "de-de")
	if got := p.see(`document.getElementById("message").lang`); got != "de" {
		t.Errorf("the person is spoken to in %q", got)
	}
	journey := p.see("location.href")
	p.do("opening the mail", chromedp.Click("a.mail"), chromedp.WaitVisible("#html"))
	if got := p.see(`document.querySelector("h1").innerText + "|" + document.getElementById("way").innerText`); !strings.Contains(got, "Ihr Registrierungscode") || !strings.Contains(got, "smtp, attempt 1") {
		t.Errorf("the mail's page shows %q", got)
	}
	p.do("going back", chromedp.Navigate(journey))

	// A wrong code, then the right one.
	p.enter("x", "verification-failed-retry-allowed")
	p.enter(p.code("first@example.com"), "verified")
	if got := p.see(`document.querySelector("h1").innerText`); got != "Signed in" {
		t.Errorf("the page says %q", got)
	}

	// An expired code.
	p.signIn("expired@example.com", "fr-fr")
	p.press("#expire")
	p.enter(p.code("expired@example.com"), "session-does-not-exist")

	// A lock-out.
	p.signIn("locked@example.com", "ar-sa")
	for range 4 {
		p.enter("x", "verification-failed-retry-allowed")
	}
	p.enter("x", "invalid-code")
	p.enter(p.code("locked@example.com"), "max-retry-attempted")
	if got := p.see(`getComputedStyle(document.getElementById("message")).direction`); got != "rtl" {
		t.Errorf("Arabic runs %s", got)
	}

	// Resend: the first code is void, the second counts.
	p.signIn("again@example.com", "ja-jp")
	first := p.code("again@example.com")
	p.press("#again")
	second := p.code("again@example.com")
	p.enter(first, "verification-failed-retry-allowed")
	p.enter(second, "verified")

	t.Run("failover", p.failover)
	t.Run("key roll", p.keyRoll)
	t.Run("template edit", func(*testing.T) { p.templateEdit(templates) })
	t.Run("accessible", p.accessible)
	for _, private := range []string{first, second, "again@example.com", "first@example.com"} {
		if log := p.stdout.String(); strings.Contains(log, private) {
			t.Errorf("%q is in the log", private)
		}
	}
}

// failover breaks the first provider: the second takes over, and the pages say so.
func (p *devPages) failover(t *testing.T) {
	p.do("breaking smtp", chromedp.Navigate(p.tenant+"/faults"), chromedp.SetValue("#smtp-fault", "refuse"))
	p.press("#set-smtp")
	p.signIn("failover@example.com", "en-us")
	rows := p.see(`[...document.querySelectorAll("tr.submission")].map(r => r.cells[1].innerText + " " + r.cells[2].innerText).join()`)
	if rows != "smtp 554 5.7.1,sendgrid 202" {
		t.Errorf("the providers that were asked: %q", rows)
	}
	p.press("a.mail")
	if way := p.see(`document.getElementById("way").innerText`); !strings.Contains(way, "sendgrid, attempt 2, after smtp (554 5.7.1)") {
		t.Errorf("the mail's way: %q", way)
	}
	p.do("back to the faults", chromedp.Navigate(p.tenant+"/faults"))
	p.press("#mend")
	if log := p.stdout.String(); !strings.Contains(log, `"smtp":{"provider":"smtp"`) || !strings.Contains(log, `"sendgrid":{"provider":"sendgrid"`) {
		t.Error("the webhook's log line does not say who took over")
	}
}

// keyRoll rolls and withdraws keys; nobody who signs in notices.
func (p *devPages) keyRoll(t *testing.T) {
	p.do("the faults", chromedp.Navigate(p.tenant+"/faults"))
	p.press("#roll")
	p.signIn("rolled@example.com", "en-us")
	p.enter(p.code("rolled@example.com"), "verified")
	p.do("the faults", chromedp.Navigate(p.tenant+"/faults"))
	if got := p.see(`document.getElementById("key-count").innerText`); got != "Keys published: 2." {
		t.Errorf("%q", got)
	}
	p.press("#withdraw")
	p.signIn("withdrawn@example.com", "en-us")
	p.enter(p.code("withdrawn@example.com"), "verified")
}

// templateEdit changes a file while its page is looked at.
func (p *devPages) templateEdit(templates string) {
	p.do("the templates", chromedp.Navigate(p.tenant+"/templates?locale=en&flow=sign-up"), chromedp.WaitVisible("#nothing-found"))
	catalogue := filepath.Join(templates, "catalogues", "en.json")
	sound, err := os.ReadFile(catalogue)
	if err != nil {
		p.Fatal(err)
	}
	edit := func(old, new string) {
		if err := os.WriteFile(catalogue, []byte(strings.Replace(string(sound), old, new, 1)), 0o600); err != nil {
			p.Fatal(err)
		}
	}
	p.see("document.body.dataset.seen = 'yes'")
	edit("Confirm your email address", "A heading of our own")
	p.wait("the page after an edit", `[...document.querySelectorAll("iframe")].some(f => f.src.includes("?v=")) && document.body.dataset.seen === "yes" && performance.getEntriesByType("resource").filter(e => e.name.includes("/templates/default/en/")).length > 1`)
	_, shown := get(p.T, p.tenant+"/templates/default/en/sign-up/light")
	if !strings.Contains(shown, "A heading of our own") {
		p.Error("the page shows the old mail")
	}
	p.signIn("edited@example.com", "en-us")
	p.press("a.mail")
	if got := p.see(`document.querySelector("iframe").srcdoc`); !strings.Contains(got, "A heading of our own") {
		p.Error("the next mail has the old heading")
	}
	p.do("the templates", chromedp.Navigate(p.tenant+"/templates?locale=en"), chromedp.WaitVisible("#nothing-found"))
	edit("{app}", "{aap}")
	p.wait("the page after a mistake", `document.querySelector(".findings .problem")?.innerText.includes("catalogues/en.json:4")`)
	edit("", "")
	p.wait("the page after mending", `document.getElementById("nothing-found")`)
}

// accessible audits every page, light and dark, with axe-core.
func (p *devPages) accessible(t *testing.T) {
	modules := os.Getenv("BYOE_NODE_MODULES")
	axe, err := os.ReadFile(filepath.Join(modules, "axe-core", "axe.min.js"))
	require.Component(t, "axe-core", func() error {
		if modules == "" || err != nil {
			return errors.New("BYOE_NODE_MODULES does not name a folder with axe-core@4.14.1")
		}
		return nil
	})
	p.signIn("accessible@example.com", "he-il")
	journey := strings.TrimPrefix(p.see("location.href"), p.tenant)
	for _, path := range []string{"/", "/signin", journey, "/mailbox", "/mailbox/1", "/templates?locale=ar", "/requests", "/requests/1", "/faults", "/check", "/nothing"} {
		for _, scheme := range []string{"light", "dark"} {
			p.do(path, chromedp.Navigate(p.tenant+path), emulateScheme(scheme))
			if _, err := chromedp.Run(p.ctx, chromedp.Evaluate[any](string(axe)+";null")); err != nil {
				t.Fatal(err)
			}
			violations, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`axe.run(document, {iframes: false}).then(r => r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html + " " + n.failureSummary).join("; ")).join("\n"))`, chromedp.EvalAwaitPromise))
			if err != nil {
				t.Fatal(err)
			}
			if violations != "" {
				t.Errorf("%s, %s: %s", path, scheme, violations)
			}
		}
	}
}

// byoe dev check finds nothing wrong with our own webhook.
func TestOurOwnWebhookConforms(t *testing.T) {
	t.Parallel()
	var stdout, stderr output
	err := run(t.Context(), []string{"dev", "check"}, devEnviron(), &stdout, &stderr)
	if err != nil { // a busy machine makes any webhook late; what is wrong with one shows again
		stdout.reset()
		err = run(t.Context(), []string{"dev", "check"}, devEnviron(), &stdout, &stderr)
	}
	if err != nil {
		t.Fatalf("%v\n%s%s", err, stdout.String(), stderr.String())
	}
	passed := regexp.MustCompile(`(\d+) passed, 0 failed, 0 skipped in `).FindStringSubmatch(stdout.String())
	if passed == nil {
		t.Fatalf("not everything was checked:\n%s", stdout.String())
	}
	for _, page := range []string{"README.md", "README.ja.md", "docs/local-tenant.md"} {
		if text, err := os.ReadFile(page); err != nil || !strings.Contains(string(text), passed[1]) {
			t.Errorf("%s does not say that there are %s checks: %v", page, passed[1], err)
		}
	}
}

// A webhook of somebody else's is driven from byoe dev, and checked from another process through the tenant that runs.
func TestDevDrivesAWebhookElsewhere(t *testing.T) {
	t.Parallel()
	tenantAddr, mailPort := "127.0.0.1:"+closedPort(t), closedPort(t)
	lines := []string{"DEV_TENANT_ADDR=" + tenantAddr, "DEV_MAILBOX_ADDR=127.0.0.1:" + mailPort}
	webhook := serve(t, append(lines, "PORT=0", "MAIL_PROVIDERS=smtp,sendgrid", "MAIL_FROM=a@contoso.example",
		"SMTP_HOST=127.0.0.1", "SMTP_PORT="+mailPort, "SMTP_TLS=none", "SMTP_AUTH=none", "SENDGRID_API_KEY=SG.x", "SENDGRID_BASE_URL=http://"+tenantAddr+"/sendgrid",
		"ENTRA_TENANT_ID="+devtenant.TenantID, "ENTRA_AUDIENCE="+devtenant.Audience, fmt.Sprintf("ENTRA_AUTHORITY=http://%s/%s/v2.0", tenantAddr, devtenant.TenantID)))
	url := webhook.url + "/api/EmailOtpSend"
	stdout, tenant := startDev(t, []string{"--webhook", url}, lines)
	for _, want := range []string{"answer 200", "mail in the box", "ENTRA_AUTHORITY=" + tenant, "SENDGRID_BASE_URL="} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("%q is not in\n%s", want, stdout.String())
		}
	}
	var checked output
	if err := run(t.Context(), []string{"dev", "check", "--json", "--webhook", url}, lines, &checked, &checked); err != nil {
		t.Fatalf("%v\n%s", err, checked.String())
	}
	var report devtenant.Report
	if err := json.Unmarshal([]byte(checked.String()), &report); err != nil || len(report.Checks) < 20 || report.Webhook != url {
		t.Errorf("%d checks of %s, %v", len(report.Checks), report.Webhook, err)
	}
}

// A check of what is not there fails, by the same command and exit code.
func TestDevCheckOfNothing(t *testing.T) {
	t.Parallel()
	var stdout output
	err := run(t.Context(), []string{"dev", "check", "--webhook", "http://127.0.0.1:" + closedPort(t)}, devEnviron(), &stdout, &stdout)
	if err == nil || !strings.Contains(err.Error(), "not what Entra needs") || cli.ExitCode(err) != 1 {
		t.Errorf("%v\n%s", err, stdout.String())
	}
}

// emulateScheme makes the browser prefer light or dark.
func emulateScheme(scheme string) chromedp.Action[chromedp.Void] {
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, media)
		return err
	})
}
