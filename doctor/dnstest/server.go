// Package dnstest is a name server for tests. It answers as a recursive resolver would: with the aliases of a name and the
// records at their end. It is built on another library than the client that it tests, so that the two cannot share a
// mistake.
package dnstest

import (
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"
)

// Server is a name server on the loopback.
type Server struct {
	// Address is host:port, the same for UDP and TCP.
	Address string

	t *testing.T

	mu      sync.Mutex
	records []dns.RR
	rcodes  map[string]int
	silent  map[string]bool
	strange map[string]bool
	asked   map[string]int
}

// Serve starts a server that lives as long as the test. The records are lines of a zone file with whole names, such as
// "contoso.example. TXT \"v=spf1 -all\"".
func Serve(t *testing.T, records ...string) *Server {
	t.Helper()
	s := &Server{t: t, rcodes: map[string]int{}, silent: map[string]bool{}, strange: map[string]bool{}, asked: map[string]int{}}
	s.Add(records...)
	packets, listener := listen(t)
	s.Address = packets.LocalAddr().String()
	for _, server := range []*dns.Server{{PacketConn: packets, Handler: s}, {Listener: listener, Handler: s}} {
		started := make(chan struct{})
		server.NotifyStartedFunc = func() { close(started) }
		ended := make(chan error, 1)
		go func() { ended <- server.ActivateAndServe() }()
		<-started
		t.Cleanup(func() {
			if err := server.Shutdown(); err != nil {
				t.Error(err)
			}
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
	return s
}

// listen finds a port that is free for both; another test may have one half of it.
func listen(t *testing.T) (net.PacketConn, net.Listener) {
	t.Helper()
	var config net.ListenConfig
	for range 50 {
		packets, err := config.ListenPacket(t.Context(), "udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if listener, err := config.Listen(t.Context(), "tcp", packets.LocalAddr().String()); err == nil {
			return packets, listener
		}
		_ = packets.Close()
	}
	t.Fatal("no port is free for UDP and TCP")
	return nil, nil
}

// Add adds records.
func (s *Server) Add(records ...string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, line := range records {
		record, err := dns.NewRR(line)
		if err != nil || record == nil {
			s.t.Fatalf("%q is no record: %v", line, err)
		}
		s.records = append(s.records, record)
	}
}

// Answer makes every question for a name come back with a code, such as dns.RcodeServerFailure.
func (s *Server) Answer(name string, rcode int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rcodes[dns.Fqdn(name)] = rcode
}

// Ignore makes the server silent about a name.
func (s *Server) Ignore(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silent[dns.Fqdn(name)] = true
}

// Precede makes the server send what is no answer to the question ahead of each answer about a name, as somebody would who
// wants to slip in one of their own.
func (s *Server) Precede(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.strange[dns.Fqdn(name)] = true
}

// Asked says how often a name was asked for.
func (s *Server) Asked(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[dns.Fqdn(name)]
}

// ServeDNS implements [dns.Handler].
func (s *Server) ServeDNS(w dns.ResponseWriter, query *dns.Msg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	question := query.Question[0]
	name := strings.ToLower(question.Name)
	s.asked[name]++
	if s.silent[name] {
		return
	}
	_, udp := w.RemoteAddr().(*net.UDPAddr)
	if s.strange[name] && udp {
		stranger := new(dns.Msg).SetReply(query)
		stranger.Id++
		_ = w.WriteMsg(stranger)
		_, _ = w.Write([]byte("nonsense"))
	}
	answer := new(dns.Msg).SetReply(query)
	answer.RecursionAvailable = true
	if rcode, set := s.rcodes[name]; set {
		answer.Rcode = rcode
	} else {
		answer.Answer, answer.Rcode = s.resolve(name, question.Qtype)
	}
	if udp {
		size := dns.MinMsgSize
		if options := query.IsEdns0(); options != nil {
			size = int(options.UDPSize())
		}
		answer.Truncate(size)
	}
	if err := w.WriteMsg(answer); err != nil {
		s.t.Logf("the client was faster: %v", err)
	}
}

// resolve follows aliases. A name exists where it or a name below it has a record (RFC 8020).
func (s *Server) resolve(name string, kind uint16) ([]dns.RR, int) {
	var found []dns.RR
	for range 8 {
		exists, alias := false, ""
		for _, record := range s.records {
			header := record.Header()
			owner := strings.ToLower(header.Name)
			exists = exists || owner == name || strings.HasSuffix(owner, "."+name)
			if owner != name {
				continue
			}
			if header.Rrtype == kind {
				found = append(found, record)
			} else if cname, is := record.(*dns.CNAME); is {
				found, alias = append(found, record), strings.ToLower(cname.Target)
			}
		}
		switch {
		case !exists:
			return found, dns.RcodeNameError
		case alias == "":
			return found, dns.RcodeSuccess
		}
		name = alias
	}
	return found, dns.RcodeServerFailure
}
