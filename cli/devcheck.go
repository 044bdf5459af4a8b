package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"byoe/app"
	"byoe/config"
	"byoe/devtenant"
	"byoe/devtenant/conformance"
)

// devCheckCommand is byoe dev check.
type devCheckCommand struct {
	Webhook string `help:"Webhook to check; without it, the one of this program with its settings." placeholder:"URL"`
	JSON    bool   `help:"Print the report as JSON."`
}

// Bounds of a report that comes from a tenant in another process.
const (
	checkMost      = 2 * time.Minute
	maxCheckReport = 1 << 20
)

// errNotConformant says that checks failed; the report says which.
var errNotConformant = errors.New("the webhook is not what Entra needs")

// Run checks and prints the report. It fails where a check does.
func (c devCheckCommand) Run(p *program) error {
	report, err := c.report(p)
	if err != nil {
		return err
	}
	if c.JSON {
		encoder := json.NewEncoder(p.stdout)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(report)
	} else {
		err = printReport(p.stdout, report)
	}
	if err == nil && report.Count(devtenant.Fail) > 0 {
		err = errNotConformant
	}
	return err
}

// report lets the tenant that the webhook belongs to make the checks: one in this process, or the one that runs already,
// as under func start. Only the tenant's own keys sign what its webhook trusts.
func (c devCheckCommand) report(p *program) (devtenant.Report, error) {
	if c.Webhook == "" { // nobody has to know these addresses, so that a check does not get in the way of what runs
		for name, free := range map[string]string{"PORT": "0", "DEV_TENANT_ADDR": "127.0.0.1:0", "DEV_MAILBOX_ADDR": "127.0.0.1:0"} {
			if _, set := p.environ[name]; !set {
				p.environ[name] = free
			}
		}
	}
	d, err := startDev(p, c.Webhook)
	if problem, ok := errors.AsType[config.Problem](err); ok && problem.Setting == "DEV_TENANT_ADDR" && c.Webhook != "" {
		if report, remote := askTenant(p, c.Webhook); remote == nil {
			return report, nil
		}
	}
	if err != nil {
		return devtenant.Report{}, err
	}
	defer d.close()
	report := conformance.Run(p.ctx, d.tenant, d.webhook)
	d.stop()
	return report, d.wait()
}

// askTenant has the running tenant check a webhook.
func askTenant(p *program, webhook string) (devtenant.Report, error) {
	settings, _, problems := app.Load(p.environ)
	if len(problems) > 0 {
		return devtenant.Report{}, problems
	}
	ctx, cancel := context.WithTimeout(p.ctx, checkMost)
	defer cancel()
	var report devtenant.Report
	err := postForm(ctx, "http://"+settings.Dev.Addr+"/check.json", url.Values{"webhook": {webhook}}, maxCheckReport, &report)
	if err != nil || len(report.Checks) == 0 {
		return devtenant.Report{}, errNoTenant
	}
	return report, nil
}

// printReport writes a line a check, and under those that did not pass what to do.
func printReport(w io.Writer, r devtenant.Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "byoe dev check: %s\n\n", r.Webhook)
	for _, c := range r.Checks {
		fmt.Fprintf(&b, "%-4s  %-24s  %s: %s\n", c.Verdict, c.ID, c.Title, c.Evidence)
		if c.Remedy != "" {
			fmt.Fprintf(&b, "      %-24s  %s\n", "", c.Remedy)
		}
	}
	fmt.Fprintf(&b, "\n%d passed, %d failed, %d skipped in %.1f s\n", r.Count(devtenant.Pass), r.Count(devtenant.Fail), r.Count(devtenant.Skip), r.Seconds)
	_, err := io.WriteString(w, b.String())
	return err
}
