// Package dns asks a name server what the standard library's resolver does not tell: whether a name does not exist or its
// servers are broken, and by which aliases an answer was reached.
//
// Messages are read and written by golang.org/x/net/dns/dnsmessage, which the standard library uses itself. A larger library
// would bring its tables into every start of the webhook, which is the same executable.
package dns

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// What a look-up can come to. A name that exists without records of the type is no error.
var (
	// ErrNoName: the name does not exist (NXDOMAIN).
	ErrNoName = errors.New("no such name")
	// ErrServerFailed: the name server could not find out (SERVFAIL, REFUSED and the like): the zone's own servers are broken
	// or unreachable, or its signatures are wrong.
	ErrServerFailed = errors.New("the name server answers an error")
	// ErrNoAnswer: the name server was silent or could not be reached, so that nothing is known of the name.
	ErrNoAnswer = errors.New("no answer from the name server")
)

const (
	// tryMost is how long one server has for one answer; a resolver that has to look itself takes a second.
	tryMost = 1500 * time.Millisecond
	// payload is the size that fits through every path without fragments (DNS flag day 2020), in octets.
	payload = 1232
	// maxMessage is the largest message that TCP can carry, in octets.
	maxMessage = 64 << 10
)

// Client asks recursive name servers. It may be used by many goroutines.
type Client struct {
	// Servers are host:port, asked in turn.
	Servers []string
}

// Lookup asks for the records of one type. name has no need of a final dot. The error wraps one of this package's.
func (c *Client) Lookup(ctx context.Context, name string, kind dnsmessage.Type) (Answer, error) {
	question, err := newQuestion(name, kind)
	if err != nil {
		return Answer{}, err
	}
	last := fmt.Errorf("%w: none is known", ErrNoAnswer)
	for range 2 {
		for _, server := range c.Servers {
			if ctx.Err() != nil {
				return Answer{}, last
			}
			answer, err := ask(ctx, server, question)
			if err == nil || errors.Is(err, ErrNoName) || errors.Is(err, ErrServerFailed) {
				return answer, err
			}
			last = err
		}
	}
	return Answer{}, last
}

// newQuestion refuses what is no name before anybody is asked: names come out of other people's records.
func newQuestion(name string, kind dnsmessage.Type) (dnsmessage.Question, error) {
	packed, err := dnsmessage.NewName(strings.TrimSuffix(name, ".") + ".")
	if err != nil || name == "" || strings.Contains(name, "..") {
		return dnsmessage.Question{}, fmt.Errorf("%w: not a name", ErrNoName)
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(name, "."), ".") {
		if label == "" || len(label) > 63 {
			return dnsmessage.Question{}, fmt.Errorf("%w: not a name", ErrNoName)
		}
	}
	return dnsmessage.Question{Name: packed, Type: kind, Class: dnsmessage.ClassINET}, nil
}

// ask asks one server once: by UDP, and by TCP where the answer was cut.
func ask(ctx context.Context, server string, q dnsmessage.Question) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, tryMost)
	defer cancel()
	id, query, err := newQuery(q)
	if err != nil {
		return Answer{}, fmt.Errorf("%w: not a name", ErrNoName)
	}
	for _, network := range []string{"udp", "tcp"} {
		message, err := exchange(ctx, network, server, id, q, query)
		if err != nil {
			return Answer{}, err
		}
		if !message.Truncated {
			return read(q, message)
		}
	}
	return Answer{}, fmt.Errorf("%w: it was cut twice", ErrNoAnswer)
}

// newQuery packs a question with recursion desired and room for a long answer (EDNS0).
func newQuery(q dnsmessage.Question) (uint16, []byte, error) {
	var random [2]byte
	_, _ = rand.Read(random[:]) // crypto/rand never fails: it ends the program first
	id := binary.BigEndian.Uint16(random[:])
	var options dnsmessage.ResourceHeader
	if err := options.SetEDNS0(payload, dnsmessage.RCodeSuccess, false); err != nil {
		return 0, nil, err
	}
	message := dnsmessage.Message{
		Header:      dnsmessage.Header{ID: id, RecursionDesired: true},
		Questions:   []dnsmessage.Question{q},
		Additionals: []dnsmessage.Resource{{Header: options, Body: &dnsmessage.OPTResource{}}},
	}
	packed, err := message.Pack()
	return id, packed, err
}

// exchange sends the query and returns the answer to it. What else arrives is passed over: anybody can send a datagram.
func exchange(ctx context.Context, network, server string, id uint16, q dnsmessage.Question, query []byte) (*dnsmessage.Message, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, server)
	if err != nil {
		return nil, ErrNoAnswer
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if _, err := conn.Write(framed(network, query)); err != nil {
		return nil, ErrNoAnswer
	}
	for {
		raw, err := receive(conn, network)
		if err != nil {
			return nil, ErrNoAnswer
		}
		var message dnsmessage.Message
		if message.Unpack(raw) == nil && answers(&message, id, q) {
			return &message, nil
		}
		if network == "tcp" {
			return nil, ErrNoAnswer
		}
	}
}

// framed puts the length before a message, as TCP wants it (RFC 1035, section 4.2.2).
func framed(network string, message []byte) []byte {
	if network == "udp" {
		return message
	}
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(message))), message...) //nolint:gosec // one question is below 512 octets
}

func receive(conn net.Conn, network string) ([]byte, error) {
	if network == "tcp" {
		var length [2]byte
		if _, err := io.ReadFull(conn, length[:]); err != nil {
			return nil, err
		}
		raw := make([]byte, binary.BigEndian.Uint16(length[:]))
		_, err := io.ReadFull(conn, raw)
		return raw, err
	}
	raw := make([]byte, maxMessage)
	n, err := conn.Read(raw)
	return raw[:n], err
}

// answers says whether a message is the answer to the question and not a stranger's.
func answers(m *dnsmessage.Message, id uint16, q dnsmessage.Question) bool {
	return m.Response && m.ID == id && len(m.Questions) == 1 && m.Questions[0].Type == q.Type &&
		strings.EqualFold(m.Questions[0].Name.String(), q.Name.String())
}
