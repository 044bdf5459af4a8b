package app_test

import (
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"byoe/app"
	"byoe/devtenant"
	"byoe/devtenant/mailbox"
)

const shop = "11111111-2222-3333-4444-55555555aaaa"

// brand is a brand file with all that the adapter tells.
const brand = `
apps:
  11111111-2222-3333-4444-55555555aaaa:
    name: Shop
    templates: [{provider: sendgrid, id: d-shop}]
`

// untilLook is a little more than the webhook trusts a look at its files.
const untilLook = 201 * time.Millisecond

// save writes a file that a developer edits.
func save(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// developing builds a webhook for a developer whose template set and brand file are in dir.
func developing(t *testing.T, dir string, environ map[string]string) (*app.App, devtenant.Templates) {
	t.Helper()
	environ["MAIL_TEMPLATES_DIR"], environ["BRANDS_FILE"] = filepath.Join(dir, "set"), filepath.Join(dir, "brands.yaml")
	settings, _, problems := app.Load(environ)
	if problems = problems.And(settings.Validate()); len(problems) > 0 {
		t.Fatal(problems)
	}
	webhook, templates, err := app.BuildDev(settings, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return webhook, templates
}

// somebody is the least that a webhook is set to.
func somebody() map[string]string {
	return map[string]string{
		"ENTRA_TENANT_ID": "aaaabbbb-0000-cccc-1111-dddd2222eeee", "ENTRA_AUDIENCE": "00001111-aaaa-2222-bbbb-3333cccc4444",
		"MAIL_PROVIDERS": "smtp", "MAIL_FROM": "no-reply@contoso.example", "SMTP_HOST": "127.0.0.1", "SMTP_TLS": "none", "SMTP_AUTH": "none",
	}
}

func TestTemplatesOfTheWebhook(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text, brands := filepath.Join(dir, "set", "mail.txt"), filepath.Join(dir, "brands.yaml")
	sound := "{{.Lead}}\n\n{{.Code}}\n{{.Validity}}{{.NeverShare}}{{.Ignore}}\n"
	save(t, text, sound)
	save(t, brands, brand)
	synctest.Test(t, func(t *testing.T) {
		_, templates := developing(t, dir, somebody())
		set := templates.Set()
		if want := []devtenant.TemplateBrand{{ID: "default", Label: "default"}, {ID: shop, Label: "Shop (" + shop + ")"}}; !slices.Equal(set.Brands, want) {
			t.Errorf("brands are %v, want %v", set.Brands, want)
		}
		if !slices.Contains(set.Locales, devtenant.TemplateLocale{Tag: "he", Direction: "rtl"}) || !slices.Contains(set.Locales, devtenant.TemplateLocale{Tag: "en", Direction: "ltr"}) {
			t.Errorf("languages are %v", set.Locales)
		}
		if want := []string{"sign-up", "sign-in", "password-reset", "other"}; !slices.Equal(set.Flows, want) {
			t.Errorf("flows are %v, want %v", set.Flows, want)
		}
		if len(set.Findings) > 0 || set.Version == "" {
			t.Errorf("version %q, findings %v", set.Version, set.Findings)
		}
		mail, err := templates.Mail(shop, "en", "sign-up")
		if err != nil {
			t.Fatal(err)
		}
		for part, want := range map[string]string{mail.Subject: "02345678", mail.HTML: "prefers-color-scheme", mail.DarkHTML: "@media all", mail.Text: "Template-at-sendgrid: d-shop", mail.Direction: "ltr"} {
			if !strings.Contains(part, want) {
				t.Errorf("no %q in %q", want, part)
			}
		}
		if _, err := templates.Mail("another", "en", "sign-up"); err == nil {
			t.Error("a mail of a brand that there is not")
		}

		save(t, text, sound+"{{.Nothing}}\n")
		time.Sleep(untilLook)
		broken := templates.Set()
		want := devtenant.TemplateFinding{Place: "mail.txt:5", What: "unknown variable .Nothing", Stops: true}
		if len(broken.Findings) == 0 || broken.Version == set.Version {
			t.Fatalf("version %q as before, findings %v", broken.Version, broken.Findings)
		}
		got := broken.Findings[0]
		if !strings.HasPrefix(got.What, want.What) || got.Place != want.Place || got.Stops != want.Stops || got.Remedy == "" {
			t.Errorf("found %+v, want %+v", got, want)
		}
		if again, err := templates.Mail(shop, "en", "sign-up"); err != nil || again != mail {
			t.Errorf("the last mail that could be made is gone: %v", err)
		}
	})
}

// What keeps byoe from starting and is in no file, or not for message to know, is told too.
func TestFindingsBeyondTheFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	catalogue, brands := filepath.Join(dir, "set", "catalogues", "fo.json"), filepath.Join(dir, "brands.yaml")
	danish, err := os.ReadFile("../message/catalogues/da.json")
	if err != nil {
		t.Fatal(err)
	}
	save(t, catalogue, string(danish))
	save(t, brands, brand)
	synctest.Test(t, func(t *testing.T) {
		environ := somebody()
		environ["MAIL_DEFAULT_LOCALE"] = "fo"
		_, templates := developing(t, dir, environ)
		only := func() devtenant.TemplateFinding {
			t.Helper()
			time.Sleep(untilLook)
			found := templates.Set().Findings
			if len(found) != 1 || found[0].What == "" || found[0].Remedy == "" || !found[0].Stops {
				t.Fatalf("found %+v, want one that stops", found)
			}
			return found[0]
		}
		save(t, brands, strings.Replace(brand, "sendgrid", "pigeon", 1))
		if f := only(); f.Place != "BRANDS_FILE" || !strings.Contains(f.What, "sends no templates through") {
			t.Errorf("a template at a provider that takes none: %+v", f)
		}
		save(t, brands, strings.Replace(brand, "sendgrid", "mailjet", 1))
		if f := only(); f.Place != "BRANDS_FILE" || !strings.Contains(f.What, "something else than a number") {
			t.Errorf("a template with an id that its provider cannot have: %+v", f)
		}
		save(t, brands, strings.NewReplacer("sendgrid", "mailjet", "d-shop", "1234567").Replace(brand))
		time.Sleep(untilLook)
		if found := templates.Set().Findings; len(found) != 0 {
			t.Errorf("a good one: %+v", found)
		}
		save(t, brands, brand)
		if err := os.Remove(catalogue); err != nil {
			t.Fatal(err)
		}
		if f := only(); f.Place != "MAIL_DEFAULT_LOCALE" {
			t.Errorf("the default language's catalogue has gone: %+v", f)
		}
	})
}

func TestBrokenSetStopsADeveloperToo(t *testing.T) {
	t.Parallel()
	dir, environ := t.TempDir(), somebody()
	text := filepath.Join(dir, "mail.txt")
	save(t, text, "{{.Code}}\n")
	environ["MAIL_TEMPLATES_DIR"] = dir
	settings, _, problems := app.Load(environ)
	if problems = problems.And(settings.Validate()); len(problems) > 0 {
		t.Fatal(problems)
	}
	save(t, text, "") // between the check and the start
	if webhook, templates, err := app.BuildDev(settings, slog.New(slog.DiscardHandler)); webhook != nil || templates != nil || err == nil || !strings.Contains(err.Error(), "mail.txt") {
		t.Errorf("BuildDev gave %v", err)
	}
}

// The webhook itself sends what the page shows: an edit is in the next mail.
func TestWebhookSendsTheEditedMail(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tenant, err := devtenant.Start(ctx, devtenant.Options{Addr: "127.0.0.1:0", MailboxAddr: "127.0.0.1:0"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tenant.Close() }() // the test ends with it
	dir := t.TempDir()
	text := filepath.Join(dir, "set", "mail.txt")
	save(t, text, "before the edit\n\n{{.Code}}\n")
	save(t, filepath.Join(dir, "brands.yaml"), brand)
	webhook, templates := developing(t, dir, tenant.Settings())
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- webhook.Run(running, listener) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	received := func() string {
		t.Helper()
		exchange, err := tenant.SendCode(ctx, "http://"+listener.Addr().String()+"/api/EmailOtpSend", devtenant.SignIn{})
		if err != nil || !exchange.Accepted() {
			t.Fatalf("not sent: %v, %v", err, exchange)
		}
		code := exchange.Code.Reveal()
		mail, err := tenant.Mailbox().Wait(ctx, func(m mailbox.Mail) bool { return m.Code == code })
		if err != nil {
			t.Fatal(err)
		}
		return mail.Text
	}
	if got := received(); !strings.Contains(got, "before the edit") {
		t.Errorf("the mail is %q", got)
	}
	version := templates.Set().Version
	save(t, text, "after the edit\n\n{{.Code}}\n")
	for templates.Set().Version == version {
		select {
		case <-ctx.Done():
			t.Fatal("the edit was never seen")
		case <-time.After(20 * time.Millisecond):
		}
	}
	if got := received(); !strings.Contains(got, "after the edit") {
		t.Errorf("the mail is %q", got)
	}
}
