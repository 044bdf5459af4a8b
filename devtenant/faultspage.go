package devtenant

import (
	"net/http"

	"byoe/devtenant/mailbox"
)

// faultsPage is what is broken now, and what can be.
type faultsPage struct {
	Providers []providerFault
	Kinds     []mailbox.FaultKind
	KeyFault  KeyFault
	KeyFaults []choice
	Keys      int
	Slow      int64 // milliseconds
}

// providerFault is how one stand-in misbehaves.
type providerFault struct {
	Name, Address string
	Fault         mailbox.Fault
	Left          int
}

// serveFaults shows the switches.
func (t *Tenant) serveFaults(w http.ResponseWriter, _ *http.Request) {
	page := faultsPage{
		Kinds: mailbox.Faults(), KeyFault: t.KeyFault(), KeyFaults: keyFaults(), Keys: len(t.keys.published("")),
		Slow: t.slowness().Milliseconds(),
	}
	for _, f := range []providerFault{
		{Name: mailbox.SMTP, Address: t.MailboxAddr()},
		{Name: mailbox.SendGrid, Address: t.SendGridURL()},
	} {
		f.Fault, f.Left = t.mailbox.FaultOf(f.Name)
		page.Providers = append(page.Providers, f)
	}
	t.pages.render(w, http.StatusOK, pageFaults, view{Title: "Faults", Path: "/faults", Data: page})
}

// setProviderFault breaks a provider's stand-in, or mends it.
func (t *Tenant) setProviderFault(w http.ResponseWriter, r *http.Request) {
	if !form(w, r) {
		return
	}
	err := t.mailbox.SetFault(r.PostForm.Get("provider"), mailbox.Fault(r.PostForm.Get("fault")), number(r, "times"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	seeOther(w, r, "/faults")
}

// setKeyFault breaks the key endpoint, rolls the keys, or withdraws the old ones.
func (t *Tenant) setKeyFault(w http.ResponseWriter, r *http.Request) {
	if !form(w, r) {
		return
	}
	switch r.PostForm.Get("do") {
	case "roll":
		if err := t.RollKeys(); err != nil {
			http.Error(w, "No key could be made.", http.StatusInternalServerError)
			return
		}
	case "withdraw":
		t.WithdrawOldKeys()
	default:
		if err := t.SetKeyFault(KeyFault(r.PostForm.Get("fault"))); err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
	}
	seeOther(w, r, "/faults")
}

// setSlowness makes the webhook look slow.
func (t *Tenant) setSlowness(w http.ResponseWriter, r *http.Request) {
	if !form(w, r) {
		return
	}
	t.SlowWebhook(milliseconds(r, "slow"))
	seeOther(w, r, "/faults")
}

// mendAll ends every fault.
func (t *Tenant) mendAll(w http.ResponseWriter, r *http.Request) {
	t.Mend()
	seeOther(w, r, "/faults")
}
