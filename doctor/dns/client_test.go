package dns_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	miekg "github.com/miekg/dns"
	"go.uber.org/goleak"

	"byoe/doctor/dns"
	"byoe/doctor/dnstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAnswers(t *testing.T) {
	t.Parallel()
	server := dnstest.Serve(t,
		`contoso.example. TXT "v=spf1 " "-all"`, `contoso.example. TXT "other"`,
		`contoso.example. MX 10 mx.contoso.example.`, `mx.contoso.example. A 192.0.2.1`, `mx.contoso.example. AAAA 2001:db8::1`,
		`null.example. MX 0 .`,
		`s1.example. CNAME S1.Vendor.example.`, `s1.vendor.example. CNAME keys.example.`, `keys.example. TXT "p=x"`,
		`dangling.example. CNAME nowhere.example.`,
		`loop.example. CNAME pool.example.`, `pool.example. CNAME loop.example.`,
	)
	server.Answer("broken.example", miekg.RcodeServerFailure)
	server.Answer("refused.example", miekg.RcodeRefused)
	server.Precede("keys.example")
	client := &dns.Client{Servers: []string{server.Address}}
	tests := []struct {
		name string
		kind dns.Type
		want string
		err  error
	}{
		{"contoso.example", dns.TXT, "TXT v=spf1 -all|other", nil},
		{"CONTOSO.example.", dns.TXT, "TXT v=spf1 -all|other", nil},
		{"contoso.example", dns.MX, "MX mx.contoso.example", nil},
		{"contoso.example", dns.A, "", nil},
		{"mx.contoso.example", dns.A, "addresses [192.0.2.1]", nil},
		{"mx.contoso.example", dns.AAAA, "addresses [2001:db8::1]", nil},
		{"null.example", dns.MX, "MX ", nil},
		{"s1.example", dns.TXT, "aliases s1.vendor.example keys.example TXT p=x", nil},
		{"keys.example", dns.TXT, "TXT p=x", nil},
		{"dangling.example", dns.TXT, "aliases nowhere.example", dns.ErrNoName},
		{"nowhere.example", dns.TXT, "", dns.ErrNoName},
		{"broken.example", dns.TXT, "", dns.ErrServerFailed},
		{"refused.example", dns.TXT, "", dns.ErrServerFailed},
		{"loop.example", dns.TXT, "", dns.ErrServerFailed},
		{"", dns.TXT, "", dns.ErrNoName},
		{"a..b", dns.TXT, "", dns.ErrNoName},
		{strings.Repeat("x", 64) + ".example", dns.TXT, "", dns.ErrNoName},
		{strings.Repeat("x.", 200), dns.TXT, "", dns.ErrNoName},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			answer, err := client.Lookup(t.Context(), tt.name, tt.kind)
			if !errors.Is(err, tt.err) {
				t.Errorf("the error is %v, want %v", err, tt.err)
			}
			if tt.name == "loop.example" {
				return // how far a server follows is its own affair
			}
			if diff := cmp.Diff(tt.want, text(answer)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func text(a dns.Answer) string {
	var parts []string
	if len(a.Aliases) > 0 {
		parts = append(parts, "aliases "+strings.Join(a.Aliases, " "))
	}
	if len(a.TXT) > 0 {
		parts = append(parts, "TXT "+strings.Join(a.TXT, "|"))
	}
	if len(a.MX) > 0 {
		parts = append(parts, "MX "+strings.Join(a.MX, "|"))
	}
	if len(a.Addresses) > 0 {
		parts = append(parts, fmt.Sprint("addresses ", a.Addresses))
	}
	return strings.Join(parts, " ")
}

// What does not fit into a datagram comes by TCP.
func TestLongAnswer(t *testing.T) {
	t.Parallel()
	server := dnstest.Serve(t)
	for i := range 30 {
		server.Add(fmt.Sprintf(`long.example. TXT "%03d %s"`, i, strings.Repeat("x", 200)))
	}
	answer, err := (&dns.Client{Servers: []string{server.Address}}).Lookup(t.Context(), "long.example", dns.TXT)
	if err != nil || len(answer.TXT) != 30 || server.Asked("long.example") != 2 {
		t.Errorf("%d records after %d questions, %v", len(answer.TXT), server.Asked("long.example"), err)
	}
}

func TestSilence(t *testing.T) {
	t.Parallel()
	server := dnstest.Serve(t)
	server.Ignore("silent.example")
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := (&dns.Client{Servers: []string{server.Address}}).Lookup(ctx, "silent.example", dns.TXT)
	if !errors.Is(err, dns.ErrNoAnswer) || time.Since(start) > time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
}

// A server that is not there gives its turn to the next.
func TestNextServer(t *testing.T) {
	t.Parallel()
	server := dnstest.Serve(t, `contoso.example. TXT "here"`)
	listener, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := listener.LocalAddr().String()
	_ = listener.Close()
	answer, err := (&dns.Client{Servers: []string{gone, server.Address}}).Lookup(t.Context(), "contoso.example", dns.TXT)
	if err != nil || len(answer.TXT) != 1 {
		t.Errorf("%v, %v", answer, err)
	}
	if _, err := (&dns.Client{}).Lookup(t.Context(), "contoso.example", dns.TXT); !errors.Is(err, dns.ErrNoAnswer) {
		t.Errorf("without a server: %v", err)
	}
}

func TestSystem(t *testing.T) {
	t.Parallel()
	for _, server := range dns.System(t.Context()) {
		if _, _, err := net.SplitHostPort(server); err != nil {
			t.Errorf("%q: %v", server, err)
		}
	}
}
