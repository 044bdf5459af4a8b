package providers

import (
	"context"
	"net/mail"
	"slices"
	"strings"
)

// Examiner is a Provider that can ask its vendor about the account: quota, permissions, tracking, the state of the senders'
// domains. It changes nothing and sends nothing. It obeys ctx as Send does.
type Examiner interface {
	Examine(ctx context.Context, senders []Sender) []Observation
}

// Grade says what an observation means for the mails.
type Grade int

// The grades. The zero value on purpose claims nothing.
const (
	// GradeUnknown: the vendor did not tell; Evidence says why not.
	GradeUnknown Grade = iota
	GradeGood
	// GradeDoubtful: mails go out, and something about them is not as it should be.
	GradeDoubtful
	// GradeBad: mails do not go out, or not to everybody.
	GradeBad
)

// Observation is one thing that a vendor told. Its texts are fit for a log: they hold neither the vendor's prose nor an
// address.
type Observation struct {
	// About is what it is about in a word or two: "quota", "tracking", "domain contoso.example".
	About    string
	Grade    Grade
	Evidence string
	// Remedy is what the owner can do; "" where there is nothing to do.
	Remedy string
}

// Unknown is the observation of a question that was not answered. An answer of 401 or 403 is the ordinary case: keys that may
// only send are the right ones to have.
func Unknown(about string, err error) Observation {
	if KindOf(err) == KindAuth {
		return Observation{About: about, Evidence: "not told to this key, and a key for sending need not be told", Remedy: "Look in the vendor's console"}
	}
	return Observation{About: about, Evidence: "could not be asked: " + err.Error()}
}

// Sender is whom mails are from, as far as an account knows senders: never the whole address.
type Sender struct {
	// Name is what stands before the address; it may be empty. Domain is in small letters.
	Name, Domain string
}

// SenderOf is the sender of an address.
func SenderOf(address mail.Address) Sender {
	_, domain, _ := strings.Cut(address.Address, "@")
	return Sender{Name: address.Name, Domain: strings.ToLower(domain)}
}

// Domains are the domains of senders, each once, in their order.
func Domains(senders []Sender) []string {
	var domains []string
	for _, s := range senders {
		if !slices.Contains(domains, s.Domain) {
			domains = append(domains, s.Domain)
		}
	}
	return domains
}
