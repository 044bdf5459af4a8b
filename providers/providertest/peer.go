package providertest

import "net/mail"

// Mail is what a peer got, decoded: the suite compares it with what was to be sent.
type Mail struct {
	// Recipients are all addresses that the mail goes to, of the envelope where there is one.
	Recipients []string
	From       mail.Address
	// ReplyTo is the zero address where there is none.
	ReplyTo mail.Address
	Subject string
	// Text and HTML have LF for line ends and none at the end.
	Text, HTML string
	// Headers are the other header fields that the provider gave, by their names in canonical form.
	Headers map[string]string
}

// Behaviour is what a peer does with the mails from now on.
type Behaviour int

// The behaviours. Each but Accept reads the whole mail first.
const (
	// Accept takes the mail and says so as the vendor does.
	Accept Behaviour = iota
	// AcceptQuoting takes the mail and gives it the recipient's address for an id.
	AcceptQuoting
	// Lose takes the mail and breaks the connection without a word.
	Lose
	// Withhold takes the mail and never answers, but keeps the connection.
	Withhold
	// Throttle answers that it is too much for now.
	Throttle
	// Break answers that something is wrong at the vendor's.
	Break
	// Babble answers with octets that are not the protocol, and closes.
	Babble
	// FloodAnswer answers with a failure of FloodSize bytes.
	FloodAnswer
	// Quote refuses the mail for good and quotes the prose in every place that the protocol has.
	Quote
)

// FloodSize is the size of a FloodAnswer in bytes.
const FloodSize = 10 << 20

// Peer stands in for a vendor. Its methods may be called while mails come in.
type Peer interface {
	// Address is host:port on the loopback; the peer speaks without TLS there.
	Address() string
	// Behave sets the behaviour for the mails that come from now on. The prose is for [Quote] and [AcceptQuoting].
	Behave(how Behaviour, prose string)
	// Mails returns every mail that came in whole, whatever was answered, in the order of their coming. A mail that
	// came in twice is there twice.
	Mails() []Mail
	// Connections says how many connections were opened so far.
	Connections() int
}
