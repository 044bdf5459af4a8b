package cli

import (
	"bufio"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"text/tabwriter"

	"byoe/entra/graph"
	"byoe/entra/guests"
)

type guestsReset struct {
	signInFlags

	Guest    string `arg:"" optional:"" help:"Object id or mail address of one guest."`
	File     string `help:"File of guests, one a line: object id or mail address; what follows on the line, and lines that begin with #, do not count. What byoe guests list prints will do." type:"existingfile"`
	Yes      bool   `help:"Do it; without this it is only shown what would be done."`
	SendMail bool   `help:"Have Microsoft mail the invitation. Without this the links to redeem by are printed, to be passed on to each guest alone."`
	Redirect string `help:"Where guests end up who have redeemed; My Apps where it is not given." placeholder:"URL"`
	Again    bool   `help:"Reset those too who have not redeemed yet, such as for a new link."`
	JSON     bool   `help:"Write JSON."`
}

// mostGuests bounds a file.
const mostGuests = 100_000

// resetResult is what became of one guest.
type resetResult struct {
	Guest string `json:"guest"`
	ID    string `json:"id,omitempty"`
	Mail  string `json:"mail,omitempty"`
	// Result is reset, would be reset, pending, or failed.
	Result    string `json:"result"`
	Error     string `json:"error,omitempty"`
	RedeemURL string `json:"redeemUrl,omitempty"`
}

// The results.
const (
	wasReset     = "reset"
	wouldBeReset = "would be reset"
	isPending    = "pending"
	hasFailed    = "failed"
)

// Run resets the guests one after the other and goes on where one fails.
func (r guestsReset) Run(p *program) error {
	whom, err := r.whom()
	if err != nil {
		return err
	}
	d, err := r.open(p, writeUsers)
	if err != nil {
		return err
	}
	return r.reset(p, d, whom)
}

// whom reads the guests.
func (r guestsReset) whom() ([]string, error) {
	if (r.Guest == "") == (r.File == "") {
		return nil, errors.New("give one guest, or --file")
	}
	if r.Guest != "" {
		return []string{r.Guest}, nil
	}
	file, err := os.Open(r.File)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	var whom []string
	seen := map[string]bool{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		fields := strings.Fields(strings.TrimPrefix(lines.Text(), "\uFEFF")) // spreadsheets begin files so
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") || seen[strings.ToLower(fields[0])] {
			continue
		}
		seen[strings.ToLower(fields[0])] = true
		if whom = append(whom, fields[0]); len(whom) > mostGuests {
			return nil, fmt.Errorf("more than %d guests in the file", mostGuests)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(whom) == 0 {
		return nil, errors.New("no guest in the file")
	}
	return whom, nil
}

func (r guestsReset) reset(p *program, d *directory, whom []string) error {
	if err := sayWhoseCodes(p, d); err != nil {
		return err
	}
	_, err := fmt.Fprintln(p.stderr, "A guest who is reset cannot sign in until they have redeemed the new invitation. Object id, groups and applications stay.")
	if err != nil {
		return err
	}
	results, stopped := r.each(p, d, whom)
	if err := r.write(p, results); err != nil {
		return err
	}
	counts := map[string]int{}
	for _, result := range results {
		counts[result.Result]++
	}
	_, err = fmt.Fprintf(p.stderr, "%d of %d guests: %d reset, %d would be, %d had not redeemed yet, %d failed\n",
		len(results), len(whom), counts[wasReset], counts[wouldBeReset], counts[isPending], counts[hasFailed])
	switch {
	case err != nil:
		return err
	case stopped != nil:
		return fmt.Errorf("stopped: %w. Run it again to go on: who has been reset is passed over", d.remedy(stopped, writeUsers))
	case counts[hasFailed] > 0:
		return fmt.Errorf("%d of %d guests failed", counts[hasFailed], len(whom))
	case !r.Yes && counts[wouldBeReset] > 0:
		return errNotConfirmed
	}
	return nil
}

// mostForbidden is how many guests in a row may be refused. One may be because of the guest, who has a role of the directory;
// more are because of whoever signed in.
const mostForbidden = 3

// each stops where the next guest would fail for the same reason.
func (r guestsReset) each(p *program, d *directory, whom []string) (results []resetResult, stopped error) {
	forbidden := 0
	for i, who := range whom {
		result, err := r.one(p, d, who)
		if err != nil {
			result.Result, result.Error = hasFailed, err.Error()
		}
		results = append(results, result)
		_, _ = fmt.Fprintf(p.stderr, "%d/%d %s: %s\n", i+1, len(whom), who, joinNonEmpty(result.Result, result.Error)) // progress only
		if forbidden++; !graph.IsForbidden(err) {
			forbidden = 0
		}
		if p.ctx.Err() != nil || isForAll(err) || forbidden == min(mostForbidden, len(whom)) {
			return results, err
		}
	}
	return results, nil
}

// isForAll says that an error is about whoever signed in, or about the way to Graph, and not about one guest.
func isForAll(err error) bool {
	if e, ok := errors.AsType[*graph.Error](err); ok {
		return e.Status == http.StatusUnauthorized || e.Status == http.StatusTooManyRequests || graph.OutcomeUnknown(err)
	}
	_, ok := errors.AsType[*graph.SignInError](err)
	return ok || graph.OutcomeUnknown(err)
}

func (r guestsReset) one(p *program, d *directory, who string) (resetResult, error) {
	result := resetResult{Guest: who}
	g, err := guests.Find(p.ctx, d.client, who)
	if err != nil {
		return result, err
	}
	result.ID, result.Mail = g.ID, g.Mail
	if g.State == guests.Pending && !r.Again {
		result.Result = isPending
		return result, nil
	}
	if !r.Yes {
		result.Result = wouldBeReset
		return result, nil
	}
	redirect := r.Redirect
	if redirect == "" {
		redirect = guests.Home(d.ID, d.cloud)
	}
	redemption, err := guests.Reset(p.ctx, d.client, g, redirect, r.SendMail)
	if err != nil {
		return result, err
	}
	result.Result = wasReset
	if !r.SendMail {
		result.RedeemURL = redemption.URL
		if redemption.URL == "" {
			result.Error = "the link was lost with the answer; --again makes a new one"
		}
	}
	return result, nil
}

func (r guestsReset) write(p *program, results []resetResult) error {
	if r.JSON {
		return writeJSON(p, results)
	}
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	for _, result := range results {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\n", result.Guest, result.Result, joinNonEmpty(result.Error, result.RedeemURL)) // Flush tells
	}
	return table.Flush()
}

func joinNonEmpty(texts ...string) string {
	var all []string
	for _, text := range texts {
		if text != "" {
			all = append(all, text)
		}
	}
	return strings.Join(all, ": ")
}
