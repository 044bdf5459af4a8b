package message_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"byoe/event"
	"byoe/message"
	"byoe/redact"
)

// untilLook is a little more than a reloader trusts a look. In a synctest bubble it takes no time: reading files does not
// hold up the bubble's clock, which stands still meanwhile.
const untilLook = 201 * time.Millisecond

// desk is where a developer edits the files of one reloader.
type desk struct {
	*testing.T

	config   message.Config
	reloader *message.Reloader
}

// atDesk runs a test in a bubble, with a template set that has a German catalogue, both layouts and a brand file.
func atDesk(t *testing.T, test func(d *desk)) {
	t.Helper()
	c := edited(t, change{layout, "", builtIn(t, layout)}, change{text, "", builtIn(t, text)}, change{german, "", builtIn(t, german)})
	c.BrandsFile = withBrands(t, branded).BrandsFile
	synctest.Test(t, func(t *testing.T) {
		reloader, problems := message.NewReloader(c)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		test(&desk{t, c, reloader})
	})
}

func builtIn(t testing.TB, name string) string {
	t.Helper()
	raw, err := fs.ReadFile(message.BuiltInTemplates(), name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

const brandFile = "brands.yaml"

// path is a file's; brandFile is none of the set's.
func (d *desk) path(name string) string {
	if name == brandFile {
		return d.config.BrandsFile
	}
	return filepath.Join(d.config.TemplatesDir, name)
}

func (d *desk) save(name, content string) {
	d.Helper()
	if err := os.WriteFile(d.path(name), []byte(content), 0o600); err != nil {
		d.Fatal(err)
	}
}

// edit saves a file with one thing changed, and returns what was there before.
func (d *desk) edit(name, old, with string) (before string) {
	d.Helper()
	raw, err := os.ReadFile(d.path(name))
	if err != nil || !strings.Contains(string(raw), old) {
		d.Fatalf("%s has no %q: %v", name, old, err)
	}
	d.save(name, strings.Replace(string(raw), old, with, 1))
	return string(raw)
}

// mail is what a German gets who signs up for Shop: every part of it, in one text.
func (d *desk) mail() string {
	d.Helper()
	m, err := d.reloader.Compose(&event.Event{
		Identifier: redact.NewSecret("ann@example.com"), Code: redact.NewSecret("02345678"), Flow: event.FlowSignUp, Locale: "de",
		Client: event.ServicePrincipal{AppID: shop},
	})
	if err != nil {
		d.Fatal(err)
	}
	return m.From.String() + "\n" + m.Subject + "\n" + m.HTML + "\n" + m.Text
}

func (d *desk) stopping() []string {
	var places []string
	for _, f := range d.reloader.Findings() {
		if f.Stops {
			places = append(places, f.Setting+" "+f.Place()+" "+f.What)
		}
	}
	return places
}

func TestNextMailFollowsAnEdit(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ file, old, with, want string }{
		"catalogue":   {german, `"codeLabel": "`, `"codeLabel": "Neuer: `, "Neuer: "},
		"HTML layout": {layout, "<title>{{.Title}}</title>", "<title>New {{.Title}}</title>", "<title>New "},
		"text layout": {text, "{{.Heading}}", "== {{.Heading}} ==", "== Willkommen =="},
		"brand":       {brandFile, "heading: Willkommen", "heading: Hallo", "Hallo"},
		"sender":      {brandFile, "from: Shop <shop@", "from: Shop <new@", "new@contoso.example"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			atDesk(t, func(d *desk) {
				before, version := d.mail(), d.reloader.Version()
				if strings.Contains(before, tt.want) {
					d.Fatalf("%q is in the mail without an edit", tt.want)
				}
				d.edit(tt.file, tt.old, tt.with)
				if d.mail() != before {
					d.Error("the files are looked at for each mail")
				}
				time.Sleep(untilLook)
				if !strings.Contains(d.mail(), tt.want) {
					d.Errorf("the next mail has no %q:\n%s", tt.want, d.mail())
				}
				if d.reloader.Version() == version {
					d.Error("the version is still the same")
				}
				if found := d.stopping(); len(found) > 0 {
					d.Errorf("found %q", found)
				}
			})
		})
	}
}

func TestFilesComeAndGo(t *testing.T) {
	t.Parallel()
	atDesk(t, func(d *desk) {
		locales := len(d.reloader.Composer().Locales())
		d.save("catalogues/de-CH.json", builtIn(d, german))
		time.Sleep(untilLook)
		if got := len(d.reloader.Composer().Locales()); got != locales+1 {
			d.Errorf("%d languages with a new catalogue, want %d", got, locales+1)
		}
		if err := os.Rename(d.path("catalogues/de-CH.json"), d.path("catalogues/de-AT.json")); err != nil {
			d.Fatal(err)
		}
		time.Sleep(untilLook)
		if !slices.Contains(d.reloader.Composer().Locales(), "de-AT") {
			d.Error("a catalogue that was renamed still has its old name")
		}
		d.edit(layout, "<title>", "<title>Own ")
		time.Sleep(untilLook)
		if err := os.Remove(d.path(layout)); err != nil {
			d.Fatal(err)
		}
		time.Sleep(untilLook)
		if strings.Contains(d.mail(), "<title>Own ") {
			d.Error("a layout that was deleted is still used in place of the built-in one")
		}
	})
}

// What a developer breaks stops no mail, is told with its place, and is over when it is mended.
func TestBrokenSetKeepsTheLastGoodOne(t *testing.T) {
	t.Parallel()
	moved := func(name string) func(d *desk) (mend func()) {
		return func(d *desk) func() {
			move := func(from, to string) {
				if err := os.Rename(from, to); err != nil {
					d.Fatal(err)
				}
			}
			from := d.path(name)
			move(from, from+".away")
			return func() { move(from+".away", from) }
		}
	}
	edit := func(name, old, with string) func(d *desk) (mend func()) {
		return func(d *desk) func() {
			before := d.edit(name, old, with)
			return func() { d.save(name, before) }
		}
	}
	for name, tt := range map[string]struct {
		breaking func(d *desk) (mend func())
		want     string
	}{
		"catalogue":       {edit(german, `"sign-up": {`, `"sign-up": `), "MAIL_TEMPLATES_DIR catalogues/de.json:4"},
		"HTML layout":     {edit(layout, "<!DOCTYPE html>", "{{.Nothing}}<!DOCTYPE html>"), "MAIL_TEMPLATES_DIR mail.html:1 "},
		"text layout":     {edit(text, "{{.Code}}", ""), "MAIL_TEMPLATES_DIR mail.txt"},
		"half-saved text": {func(d *desk) func() { d.save(text, ""); return func() { d.save(text, builtIn(d, text)) } }, "MAIL_TEMPLATES_DIR mail.txt"},
		"brand":           {edit(brandFile, "  name: Contoso", "  nam: Contoso"), `BRANDS_FILE brands.yaml:3 "nam" means nothing there`},
		"brand file gone": {moved(brandFile), "BRANDS_FILE brands.yaml cannot be read"},
		"folder gone":     {moved("."), "MAIL_TEMPLATES_DIR"},
		"a file too many": {func(d *desk) func() { d.save("mail.htm", ""); return func() { _ = os.Remove(d.path("mail.htm")) } }, "MAIL_TEMPLATES_DIR mail.htm "},
		"not UTF-8":       {edit(text, "{{.Heading}}", "\xff"), "MAIL_TEMPLATES_DIR mail.txt not UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			atDesk(t, func(d *desk) {
				good, before, version := d.reloader.Composer(), d.mail(), d.reloader.Version()
				mend := tt.breaking(d)
				time.Sleep(untilLook)
				if d.reloader.Composer() != good || d.mail() != before {
					d.Error("the mail is another one")
				}
				if found := d.stopping(); !slices.ContainsFunc(found, func(f string) bool { return strings.HasPrefix(f, tt.want) }) {
					d.Errorf("found %q, want %q", found, tt.want)
				}
				broken := d.reloader.Version()
				if broken == version {
					d.Error("the version is still the same")
				}
				time.Sleep(untilLook)
				if d.reloader.Version() != broken {
					d.Error("the version changes by itself")
				}
				mend()
				time.Sleep(untilLook)
				if found := d.stopping(); len(found) > 0 || d.mail() != before || d.reloader.Version() != version {
					d.Errorf("mended, and yet found %q, version %s", found, d.reloader.Version())
				}
				if d.reloader.Composer() == good {
					d.Error("the files were not prepared again")
				}
			})
		})
	}
}

// A language of the owner's may be the default and lose its file: what is wrong then is in no file.
func TestDefaultLanguageGoes(t *testing.T) {
	t.Parallel()
	c := edited(t, change{"catalogues/fo.json", "", builtIn(t, "catalogues/da.json")})
	c.DefaultLocale = "fo"
	synctest.Test(t, func(t *testing.T) {
		reloader, problems := message.NewReloader(c)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		good := reloader.Composer()
		if err := os.Remove(filepath.Join(c.TemplatesDir, "catalogues/fo.json")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(untilLook)
		found := reloader.Findings()
		if len(found) != 1 || found[0].Setting != "MAIL_DEFAULT_LOCALE" || found[0].Remedy == "" || !found[0].Stops || found[0].Place() != "" {
			t.Errorf("found %+v", found)
		}
		if reloader.Composer() != good {
			t.Error("a composer without a default language is used")
		}
	})
}

// What makes a mail worse and not wrong is told, and the mail changes.
func TestDoubtsStopNothing(t *testing.T) {
	t.Parallel()
	atDesk(t, func(d *desk) {
		d.edit(german, `"heading": "`, `"heading": "`+strings.Repeat("Wort ", 20))
		d.edit(brandFile, "      de: {flows: {sign-up: {heading: Willkommen}}}\n", "")
		time.Sleep(untilLook)
		if !strings.Contains(d.mail(), "Wort Wort") {
			d.Error("the mail is the old one")
		}
		found := d.reloader.Findings()
		if len(found) == 0 || found[0].Stops || found[0].File != german || found[0].Line != 6 {
			d.Fatalf("found %+v", found)
		}
		found[0].File = "scribbled over"
		if d.reloader.Findings()[0].File != german {
			d.Error("who asks for the findings can change them for the next")
		}
	})
}

func TestSetThatIsBrokenAtTheStartStopsIt(t *testing.T) {
	t.Parallel()
	c := edited(t, change{text, "{{.Code}}", ""})
	c.From = "nobody"
	_, want := message.NewComposer(c)
	reloader, got := message.NewReloader(c)
	if reloader != nil || len(got) < 2 || got.Error() != want.Error() {
		t.Errorf("problems are %v, want %v", got, want)
	}
}

// Preparing costs: it is done where the files hold something else, and only there.
func TestNothingIsPreparedWhereNothingChanged(t *testing.T) {
	t.Parallel()
	atDesk(t, func(d *desk) {
		composer, version := d.reloader.Composer(), d.reloader.Version()
		same := func(why string) {
			d.Helper()
			time.Sleep(untilLook)
			if d.reloader.Composer() != composer || d.reloader.Version() != version {
				d.Errorf("prepared again after %s", why)
			}
		}
		same("nothing")
		if err := os.Chtimes(d.path(text), time.Now(), time.Now()); err != nil {
			d.Fatal(err)
		}
		same("a touch")
		d.edit(german, "", "")
		same("saving the same")
		d.save("README.md", "notes")
		d.save(".mail.html.swp", "an editor's")
		same("files that do not belong to the set")
	})
}

// Editors and checkouts can keep a file's size and time: neither is asked.
func TestEditThatKeepsSizeAndTime(t *testing.T) {
	t.Parallel()
	atDesk(t, func(d *desk) {
		info, err := os.Stat(d.path(brandFile))
		if err != nil {
			d.Fatal(err)
		}
		versions := map[string]bool{d.reloader.Version(): true}
		for _, edit := range []struct{ old, with string }{{"heading: Willkommen", "heading: Wellkommen"}, {"heading: Wellkommen", "heading: Wallkommen"}} {
			d.edit(brandFile, edit.old, edit.with)
			if err := os.Chtimes(d.path(brandFile), info.ModTime(), info.ModTime()); err != nil {
				d.Fatal(err)
			}
			time.Sleep(untilLook)
			if !strings.Contains(d.mail(), strings.TrimPrefix(edit.with, "heading: ")) {
				d.Errorf("the edit to %q was not seen", edit.with)
			}
			versions[d.reloader.Version()] = true
		}
		if len(versions) != 3 {
			d.Errorf("%d versions of three states", len(versions))
		}
	})
}

// Who waits while another prepares gets what was prepared, and prepares nothing.
func TestPreparedOnceForAllWhoWait(t *testing.T) {
	t.Parallel()
	atDesk(t, func(d *desk) {
		before := d.reloader.Composer()
		d.edit(brandFile, "heading: Willkommen", "heading: Hallo")
		var group sync.WaitGroup
		got := make([]*message.Composer, 8)
		for i := range got {
			group.Go(func() {
				time.Sleep(untilLook) // all wake at one instant
				got[i] = d.reloader.Composer()
			})
		}
		group.Wait()
		for _, c := range got {
			if c != got[0] || c == before {
				d.Fatal("not every one of them got the same new composer")
			}
		}
	})
}

// Whatever a writer does, each mail is of a state of the files that can be sent: the code is in it, on a line of its own.
func TestMailsWhileTheFilesAreWritten(t *testing.T) {
	t.Parallel()
	atDesk(t, func(d *desk) {
		whole := builtIn(d, text)
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				for range 10 {
					time.Sleep(untilLook)
					if mail := d.mail(); !strings.Contains(mail+"\n", "\n02345678\n") {
						d.Errorf("no code for the person to read:\n%s", mail)
					}
					_, _ = d.reloader.Findings(), d.reloader.Version()
				}
			})
		}
		group.Go(func() {
			for i := range 100 {
				d.save(text, whole[:i*len(whole)/100]) // os.WriteFile empties the file first
				time.Sleep(untilLook / 10)
			}
		})
		group.Wait()
		d.save(text, whole)
		time.Sleep(untilLook)
		if found := d.stopping(); len(found) > 0 {
			d.Errorf("found %q in the end", found)
		}
	})
}
