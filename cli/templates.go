package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pkg/browser"

	"byoe/app"
	"byoe/message"
	"byoe/message/preview"
)

// templatesCommand is byoe templates.
type templatesCommand struct {
	Preview templatesPreview `cmd:"" help:"Write a page with every mail in every language, flow and brand, and open it."`
	Lint    templatesLint    `cmd:"" help:"Say what is wrong with the templates, languages and brands."`
	Export  templatesExport  `cmd:"" help:"Write the built-in template set into a folder, as a start for one of your own."`
}

// templateFiles choose the set, in place of the settings.
type templateFiles struct {
	Dir    string `help:"Template set, in place of MAIL_TEMPLATES_DIR." type:"existingdir"`
	Brands string `help:"Brand file, in place of BRANDS_FILE." type:"existingfile"`
}

// settings are the mail's. Somebody who works on a template need not have a sender.
func (f templateFiles) settings(p *program) (message.Config, error) {
	loaded, _, problems := app.Load(p.environ)
	if len(problems) > 0 {
		return message.Config{}, problems
	}
	c := loaded.Message
	if c.From == "" {
		c.From = "no-reply@contoso.example"
	}
	if f.Dir != "" {
		c.TemplatesDir = f.Dir
	}
	if f.Brands != "" {
		c.BrandsFile = f.Brands
	}
	return c, nil
}

type templatesLint struct{ templateFiles }

// errFindings says that lint found something; it was printed.
var errFindings = errors.New("there are findings")

// Run prints every finding, those that keep byoe from starting as errors, and fails where there is one of any kind.
func (l templatesLint) Run(p *program) error {
	c, err := l.settings(p)
	if err != nil {
		return err
	}
	found := message.Lint(c)
	for _, f := range found {
		grade := "warning"
		if f.Stops {
			grade = "error"
		}
		if _, err := fmt.Fprintf(p.stdout, "%s: %s: %s. %s\n", f.Place(), grade, f.What, f.Remedy); err != nil {
			return err
		}
	}
	if len(found) > 0 {
		return errFindings
	}
	_, err = fmt.Fprintln(p.stdout, "nothing found: every language, flow and brand is complete and fit to send")
	return err
}

type templatesPreview struct {
	templateFiles

	Out    string `help:"Folder to write to; a temporary one where none is given." type:"path"`
	NoOpen bool   `help:"Write the page and do not open it."`
}

// Run writes the page, says where it is, and opens it.
func (v templatesPreview) Run(p *program) error {
	c, err := v.settings(p)
	if err != nil {
		return err
	}
	dir := v.Out
	if dir == "" {
		if dir, err = os.MkdirTemp("", "byoe-templates-"); err != nil {
			return err
		}
	}
	composer, problems := message.NewComposer(c)
	if len(problems) > 0 {
		return problems
	}
	index, err := preview.Write(dir, composer, message.Lint(c))
	if err != nil {
		return fmt.Errorf("cannot write the preview: %w", err)
	}
	if _, err := fmt.Fprintln(p.stdout, index); err != nil {
		return err
	}
	if v.NoOpen {
		return nil
	}
	browser.Stdout, browser.Stderr = io.Discard, io.Discard
	if err := browser.OpenFile(index); err != nil {
		_, _ = fmt.Fprintln(p.stderr, "no browser could be started: open the page yourself") // and that is all there is to do
	}
	return nil
}

type templatesExport struct {
	Dir   string `arg:"" help:"Folder to write to." type:"path"`
	Force bool   `help:"Overwrite files that are there."`
}

// Run writes mail.html, mail.txt and the catalogues. It overwrites nothing unless it is told to.
func (x templatesExport) Run(p *program) error {
	built := message.BuiltInTemplates()
	written := 0
	err := fs.WalkDir(built, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(x.Dir, filepath.FromSlash(name))
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755) //nolint:gosec // templates hold no secret, and the webhook's user has to read them
		}
		raw, err := fs.ReadFile(built, name)
		if err != nil {
			return err
		}
		mode := os.O_WRONLY | os.O_CREATE | os.O_EXCL
		if x.Force {
			mode = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
		}
		file, err := os.OpenFile(target, mode, 0o644) //nolint:gosec // the same
		if err != nil {
			return err
		}
		written++
		_, err = file.Write(raw)
		return errors.Join(err, file.Close())
	})
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w: give another folder, or --force to overwrite", err)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "%d files in %s. Delete what you do not change: the built-in file counts then.\n"+
		"Check with: byoe templates lint --dir %s\n", written, x.Dir, x.Dir)
	return err
}
