package preview_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"byoe/message"
	"byoe/message/preview"
)

// A dark page is dark in a browser that prefers light, however the layout asks for it.
func TestDarkPage(t *testing.T) {
	t.Parallel()
	raw, err := fs.ReadFile(message.BuiltInTemplates(), "mail.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"@media (prefers-color-scheme: dark) {", "@media screen and (prefers-color-scheme:dark){"} {
		dir := t.TempDir()
		layout := strings.Replace(string(raw), "@media (prefers-color-scheme: dark) {", query, 1)
		if err := os.WriteFile(filepath.Join(dir, "mail.html"), []byte(layout), 0o600); err != nil {
			t.Fatal(err)
		}
		c, problems := message.NewComposer(message.Config{From: "no-reply@contoso.example", DefaultLocale: "en", TemplatesDir: dir})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		page, err := preview.One(c, "default", "en", "sign-in")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(page.HTML, query) || strings.Contains(page.DarkHTML, "prefers-color-scheme") || !strings.Contains(page.DarkHTML, "@media all {\n  .page") {
			t.Errorf("%s is dark only in the dark", query)
		}
	}
}
