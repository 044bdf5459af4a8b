// Package standin stands for mail providers in measurements: SendGrid's API and an SMTP server that take every mail, after
// a time that can be set, and keep nothing but how long they took for each. They share a machine with what is measured
// and so do as little as they can; [byoe/devtenant/mailbox] is the one that looks at what it gets.
package standin

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"

	"byoe/bench/entra"
)

// Providers are the stand-ins of one process.
type Providers struct {
	http     *http.Server
	smtp     *smtp.Server
	httpAddr string
	smtpAddr string
	listener net.Listener // of the SMTP server, which does not know of it before it serves
	serving  sync.WaitGroup

	delay       atomic.Int64
	connections atomic.Int64

	mu    sync.Mutex
	mails []Mail
}

// Mail is one mail that was taken.
type Mail struct {
	// Number is that of the call that it was sent for, and Own how long the provider took: from when it had the mail to when
	// it had written its answer. The reading of the mail is not in it, so that too little is taken for the provider's.
	Number int
	Own    time.Duration
}

// Start listens on two free ports of the loopback until Close.
func Start(ctx context.Context) (*Providers, error) {
	web, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	mail, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, web.Close())
	}
	p := &Providers{httpAddr: web.Addr().String(), smtpAddr: mail.Addr().String(), listener: mail}
	p.http = &http.Server{Handler: http.HandlerFunc(p.serveSendGrid), ReadHeaderTimeout: 5 * time.Second, ConnState: p.count}
	p.smtp = newSMTPServer(p)
	p.serving.Go(func() { _ = p.http.Serve(web) })  // ended by Close
	p.serving.Go(func() { _ = p.smtp.Serve(mail) }) // likewise
	return p, nil
}

// Close cuts every connection and waits until the servers have ended.
func (p *Providers) Close() error {
	err := errors.Join(p.http.Close(), p.smtp.Close())
	_ = p.listener.Close() // closed already, unless it was never served
	p.serving.Wait()
	return err
}

// Addresses are where the API (as a URL) and the SMTP server (as host and port) are.
func (p *Providers) Addresses() (sendGridURL, smtpAddress string) {
	return "http://" + p.httpAddr, p.smtpAddr
}

// SetDelay sets how long each mail takes from now on.
func (p *Providers) SetDelay(d time.Duration) { p.delay.Store(int64(d)) }

// Report is what was taken, and how many connections were opened.
type Report struct {
	Mails       []Mail
	Connections int64
}

// Report returns what has come since the last one, and forgets it.
func (p *Providers) Report() Report {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := Report{Mails: p.mails, Connections: p.connections.Swap(0)}
	p.mails = nil
	return r
}

// work is the provider's own: it waits.
func (p *Providers) work() {
	if d := p.delay.Load(); d > 0 {
		time.Sleep(time.Duration(d))
	}
}

// taken keeps a mail.
func (p *Providers) taken(number int, own time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mails = append(p.mails, Mail{number, own})
}

func (p *Providers) count(_ net.Conn, state http.ConnState) {
	if state == http.StateNew {
		p.connections.Add(1)
	}
}

// numberIn is the number of the call behind a mail; -1 where it was sent for none.
func numberIn(text []byte) int {
	if n, found := entra.NumberIn(text); found {
		return n
	}
	return -1
}
