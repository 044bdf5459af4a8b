package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"byoe/entra/graph"
	"byoe/entra/guests"
)

// guestsCommand is byoe guests.
type guestsCommand struct {
	Policy guestsPolicy `cmd:"" help:"Whether guests may sign in with a code by mail."`
	List   guestsList   `cmd:"" help:"List the guests who sign in with a code by mail. Permission: User.Read.All."`
	Reset  guestsReset  `cmd:"" help:"Have guests redeem their invitation anew. Permission: User.ReadWrite.All; role: Helpdesk Administrator."`
	Links  guestsLinks  `cmd:"" help:"Print the sign-in links that name the directory, which guests with codes need. Permission: Organization.Read.All (a person: User.Read)."`
}

// Help says what these codes are not.
func (guestsCommand) Help() string {
	return "These are the codes with which guests of a directory sign in (B2B collaboration). Microsoft mails them itself: the " +
		"EmailOtpSend event does not fire in workforce tenants, so byoe's webhook has no part in them. In the US Government " +
		"cloud they are off by default."
}

type guestsPolicy struct {
	Get guestsPolicyGet `cmd:"" help:"Show the policy. Permission: Policy.Read.AuthenticationMethod."`
	Set guestsPolicySet `cmd:"" help:"Change the policy. Permission: Policy.ReadWrite.AuthenticationMethod, and User.Read.All to count whom it touches; role: Authentication Policy Administrator."`
}

const (
	readPolicy  = "Policy.Read.AuthenticationMethod"
	writePolicy = "Policy.ReadWrite.AuthenticationMethod"
	readUsers   = "User.Read.All"
	writeUsers  = "User.ReadWrite.All"
	readOwn     = "User.Read"
)

// errNotConfirmed says that a change waits for --yes.
var errNotConfirmed = errors.New("nothing was changed: give --yes to do it")

// writeJSON prints a value for scripts.
func writeJSON(p *program, value any) error {
	encoder := json.NewEncoder(p.stdout)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false) // a link with \u0026 in it cannot be copied
	return encoder.Encode(value)
}

func joinWords(words []string) string { return strings.Join(words, ", ") }

// sayWhoseCodes says what the directory's kind has to do with it.
func sayWhoseCodes(p *program, d *directory) error {
	text := "Microsoft mails these codes itself: the EmailOtpSend event does not fire in workforce tenants."
	if d.IsExternal() {
		text = "This is an external tenant. Its customers' codes are set in the user flow and sent by EmailOtpSend; what follows is about guests only."
	}
	if d.cloud.Name == graph.USGovernment().Name {
		text += " In the US Government cloud codes for guests are off by default."
	}
	_, err := fmt.Fprintln(p.stderr, text)
	return err
}

type guestsPolicyGet struct {
	signInFlags

	JSON bool `help:"Write JSON."`
}

// Run prints the policy and what it means.
func (g guestsPolicyGet) Run(p *program) error {
	d, err := g.open(p, readPolicy, readOwn)
	if err != nil {
		return err
	}
	return g.get(p, d)
}

func (g guestsPolicyGet) get(p *program, d *directory) error {
	if err := sayWhoseCodes(p, d); err != nil {
		return err
	}
	policy, err := guests.GetPolicy(p.ctx, d.client)
	if err != nil {
		return d.remedy(err, readPolicy)
	}
	if g.JSON {
		return writeJSON(p, map[string]string{"tenantId": d.ID, "policy": string(policy)})
	}
	_, err = fmt.Fprintf(p.stdout, "%s: %s\n", policy, policy.Means(d.cloud))
	return err
}

type guestsPolicySet struct {
	signInFlags

	Policy string `arg:"" help:"enabled, disabled or default." enum:"enabled,disabled,default"`
	Yes    bool   `help:"Do it; without this the consequences are shown and nothing is changed."`
	JSON   bool   `help:"Write JSON."`
}

// Run shows what a change would do, and does it where --yes is given.
func (s guestsPolicySet) Run(p *program) error {
	d, err := s.open(p, writePolicy, readUsers)
	if err != nil {
		return err
	}
	return s.set(p, d)
}

func (s guestsPolicySet) set(p *program, d *directory) error {
	if err := sayWhoseCodes(p, d); err != nil {
		return err
	}
	want := guests.Policy(s.Policy)
	have, err := guests.GetPolicy(p.ctx, d.client)
	if err != nil {
		return d.remedy(err, writePolicy)
	}
	changes := have != want
	if changes {
		_, err = fmt.Fprintf(p.stderr, "From %s (%s)\n  to %s (%s).\n%s\n", have, have.Means(d.cloud), want, want.Means(d.cloud), s.consequence(p, d, want))
		if err != nil {
			return err
		}
		if !s.Yes {
			return errNotConfirmed
		}
		if err := guests.SetPolicy(p.ctx, d.client, want); err != nil {
			return d.remedy(err, writePolicy)
		}
	}
	if s.JSON {
		return writeJSON(p, map[string]any{"tenantId": d.ID, "policy": want, "before": have, "changed": changes})
	}
	text := "was " + s.Policy + " already; nothing was changed"
	if changes {
		text = "is " + s.Policy + " now, and was read back so"
	}
	_, err = fmt.Fprintln(p.stdout, "The policy "+text)
	return err
}

// consequence says who is touched. Microsoft's page about these codes is its source.
func (s guestsPolicySet) consequence(p *program, d *directory, want guests.Policy) string {
	locksOut := want == guests.Disabled || want == guests.Default && d.cloud.Name == graph.USGovernment().Name
	if !locksOut {
		return "Guests who redeemed before keep the way in which they sign in. New ones who have no other account get a code."
	}
	count := "How many they are cannot be told: the sign-in may not read users (" + readUsers + ")."
	if list, err := guests.List(p.ctx, d.client); err == nil {
		count = fmt.Sprintf("There are %d now (byoe guests list).", len(list))
	}
	return "Guests who sign in with a code will be LOCKED OUT, until each was reset (byoe guests reset) and has redeemed with another account. " + count
}

type guestsList struct {
	signInFlags

	JSON bool `help:"Write JSON."`
}

// Run prints one line a guest, the object id first, as byoe guests reset --file reads it.
func (l guestsList) Run(p *program) error {
	d, err := l.open(p, readUsers)
	if err != nil {
		return err
	}
	return l.list(p, d)
}

func (l guestsList) list(p *program, d *directory) error {
	if err := sayWhoseCodes(p, d); err != nil {
		return err
	}
	list, err := guests.List(p.ctx, d.client)
	if err != nil {
		return d.remedy(err, readUsers)
	}
	if l.JSON {
		if list == nil {
			list = []guests.Guest{}
		}
		return writeJSON(p, list)
	}
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	for _, g := range list {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", g.ID, orUnknown(g.Mail), orUnknown(g.State), g.Changed.Format("2006-01-02")) // Flush tells
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stderr, "%d guests sign in with a code by mail\n", len(list))
	return err
}

type guestsLinks struct {
	signInFlags

	JSON bool `help:"Write JSON."`
}

// Run prints the links.
func (l guestsLinks) Run(p *program) error {
	d, err := l.open(p, readOwn)
	if err != nil {
		return err
	}
	return l.links(p, d)
}

func (l guestsLinks) links(p *program, d *directory) error {
	links := guests.Links(d.Directory, d.cloud)
	if l.JSON {
		return writeJSON(p, links)
	}
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	for _, link := range links {
		_, _ = fmt.Fprintf(table, "%s\t%s\n", link.What, link.URL) // Flush tells
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if len(d.VerifiedDomains) == 0 {
		_, _ = fmt.Fprintln(p.stderr, "The directory's verified domains could not be read; there are links by them too.")
	}
	_, err := fmt.Fprintln(p.stderr, "A link to an application works too where it names the directory, such as by its id in the authority's address.")
	return err
}
