package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"

	"byoe/app"
	"byoe/config"
)

// configCommand is byoe config.
type configCommand struct {
	Check    bool `help:"Fail where the webhook would not start."`
	Markdown bool `help:"Write docs/configuration.md, the reference of all settings, and show nothing."`
}

// Run prints every setting with its source; secrets are masked. Problems follow, and fail the command with --check.
func (c configCommand) Run(p *program) error {
	settings, report, problems := app.Load(p.environ)
	if c.Markdown {
		return writeReference(report)
	}
	problems = problems.And(settings.Validate())
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	for _, s := range report.Settings {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\n", s.Name, s.Value, s.Source) // checked at Flush
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if len(problems) == 0 {
		return nil
	}
	if c.Check {
		return problems
	}
	_, err := fmt.Fprintf(p.stdout, "\n%v\n", problems)
	return err
}

// referenceHead opens docs/configuration.md.
const referenceHead = `# Settings

Written by ` + "`byoe config --markdown`" + `. Settings are environment variables: application settings on a Function App, ` + "`Values`" + ` in
local.settings.json. A secret may be an App Service Key Vault reference, or be in a file that ` + "`NAME_FILE`" + ` points to.
` + "`byoe config`" + ` shows what is in force and where it came from; ` + "`byoe config --check`" + ` fails where the webhook would not start.

The names of Microsoft's own walkthrough are understood where ours are not set: ` + "`mail_sendgridKey`" + ` (also chooses the provider),
` + "`mail_sender`" + ` and ` + "`mail_senderName`" + ` (` + "`MAIL_FROM`" + `), ` + "`mail_template`" + ` (` + "`SENDGRID_TEMPLATE_ID`" + `), ` + "`mail_subject`" + ` (` + "`MAIL_SUBJECT`" + `).

`

func writeReference(report *config.Report) error {
	path := filepath.Join("docs", "configuration.md")
	err := os.WriteFile(path, []byte(Reference(report)), 0o644) //nolint:gosec // a page of documentation, for everybody
	if err != nil {
		return fmt.Errorf("cannot write %s: run this in the project's folder: %w", path, err)
	}
	return nil
}

// Reference is the page of all settings.
func Reference(report *config.Report) string { return referenceHead + report.Markdown() }
