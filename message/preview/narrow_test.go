package preview_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"byoe/event"
	"byoe/internal/browsertest"
	"byoe/message"
	"byoe/redact"
)

// On the narrowest of phones nothing stands outside the screen, in no language and with no name, however long its one word is;
// on a wide screen the card keeps its width.
func TestMailFitsTheScreen(t *testing.T) {
	ctx := browsertest.Open(t)
	c, problems := message.NewComposer(message.Config{From: "no-reply@contoso.example", DefaultLocale: "en", CodeInSubject: true, Validity: 30 * time.Minute})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	file := filepath.Join(t.TempDir(), "mail.html")
	widths := func(screen int64, html string) string {
		t.Helper()
		if err := os.WriteFile(file, []byte(html), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(screen, 900), chromedp.Navigate("file://"+file)); err != nil {
			t.Fatal(err)
		}
		value, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.documentElement.scrollWidth + " " + document.querySelector(".card").offsetWidth`))
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	for _, locale := range c.Locales() {
		for _, name := range []string{"Contoso", strings.Repeat("W", 64), strings.Repeat("w.", 32)} {
			m, err := c.Compose(&event.Event{
				Identifier: redact.NewSecret("ann@example.com"), Code: redact.NewSecret("02345678"), Locale: locale, Client: event.ServicePrincipal{AppDisplayName: name},
			})
			if err != nil {
				t.Fatal(err)
			}
			if got := widths(320, m.HTML); got != "320 288" {
				t.Errorf("%s, %s: page and card are %s pixels wide on a screen of 320", locale, name, got)
			}
			if locale == "en" || locale == "ar" {
				if got, want := widths(1000, m.HTML), fmt.Sprint("1000 ", 480); got != want {
					t.Errorf("%s, %s: page and card are %s pixels wide, want %s", locale, name, got, want)
				}
			}
		}
	}
}
