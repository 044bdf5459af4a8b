package mailbox

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Fault is a way in which a stand-in misbehaves, as real providers do now and then.
type Fault string

// The faults. Each is what a real provider does, so that a client must make the same of it.
const (
	// FaultNone takes every mail.
	FaultNone Fault = ""
	// FaultRefuse refuses for a reason that has nothing to do with the recipient: 554 5.7.1 to MAIL FROM, or 403.
	FaultRefuse Fault = "refuse"
	// FaultRecipient knows no such recipient: 550 5.1.1 to RCPT TO, or 400 for personalizations.0.to.
	FaultRecipient Fault = "refuse-recipient"
	// FaultThrottle has had too much from this client: 450 4.7.1 to MAIL FROM, as Postfix's rate limit says it, or 429.
	FaultThrottle Fault = "throttle"
	// FaultHang says nothing until the client goes or [Mailbox.Close] is called, for 30 seconds at most: no answer to
	// RCPT TO, or none to a whole request.
	FaultHang Fault = "hang"
	// FaultLose stores the mail and cuts the connection before the answer.
	FaultLose Fault = "lose-answer"
	// FaultDown cuts the connection at MAIL FROM, or before a request is read. A client that only connects is let in: it
	// hands over nothing, and nothing could be counted.
	FaultDown Fault = "down"
)

// FaultKind is a fault with a line about it for a page.
type FaultKind struct {
	Fault Fault `json:"fault"`
	// Words follow the provider's name: "SendGrid" + " takes every mail".
	Words string `json:"words"`
}

// Faults returns every kind, FaultNone first.
func Faults() []FaultKind {
	return []FaultKind{
		{FaultNone, "takes every mail"},
		{FaultRefuse, "refuses every mail, because it does not like the sender"},
		{FaultRecipient, "refuses every mail, because it knows no such recipient"},
		{FaultThrottle, "takes no more mail for now, because there was too much of it"},
		{FaultHang, "lets the client wait and never answers"},
		{FaultLose, "takes every mail, but the connection breaks before the answer"},
		{FaultDown, "cuts the connection before it has taken anything"},
	}
}

// armed is a fault that is set. left is for how many submissions; 0 is until it is cleared.
type armed struct {
	fault Fault
	left  int
}

// SetFault makes the provider misbehave for the next so many submissions, or with 0 until it is cleared, which
// [FaultNone] does. Connections that are open already meet it too. The error says what is wrong and what there is.
func (m *Mailbox) SetFault(provider string, f Fault, times int) error {
	if providers := faultProviders(); !slices.Contains(providers, provider) {
		return fmt.Errorf("no such provider; there are %s", strings.Join(providers, ", "))
	}
	if !slices.ContainsFunc(Faults(), func(kind FaultKind) bool { return kind.Fault == f }) {
		return fmt.Errorf("no such fault; there are %s", faultNames())
	}
	if times < 0 {
		return errors.New("a fault cannot last less than no submission; 0 is until it is cleared")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if f == FaultNone {
		delete(m.faults, provider)
	} else {
		m.faults[provider] = armed{fault: f, left: times}
	}
	m.wake()
	return nil
}

// FaultOf returns how the provider misbehaves and for how many more submissions, 0 being until it is cleared.
func (m *Mailbox) FaultOf(provider string) (f Fault, left int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	set := m.faults[provider]
	return set.fault, set.left
}

// takeFault returns the fault that the next submission meets and counts it. It needs the lock.
func (m *Mailbox) takeFault(provider string) Fault {
	set := m.faults[provider]
	switch set.left {
	case 0:
	case 1:
		delete(m.faults, provider)
	default:
		m.faults[provider] = armed{fault: set.fault, left: set.left - 1}
	}
	return set.fault
}

// faultProviders are those to whom something is submitted. Microsoft's own mail only arrives.
func faultProviders() []string { return []string{SMTP, SendGrid} }

// faultNames lists what SetFault takes beside FaultNone.
func faultNames() string {
	var names []string
	for _, kind := range Faults() {
		if kind.Fault != FaultNone {
			names = append(names, string(kind.Fault))
		}
	}
	return strings.Join(names, ", ")
}
