// Package clients_test lets byoe's own providers meet the stand-ins. It is not among the mailbox's tests, because the
// mailbox shares nothing with what it is there to try out.
package clients_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"byoe/devtenant/mailbox"
	"byoe/providers"
	"byoe/providers/providertest"
	"byoe/providers/sendgrid"
	"byoe/providers/smtp"
	"byoe/redact"
)

// open starts a mailbox that is closed at the end of the test.
func open(t *testing.T) *mailbox.Mailbox {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box := mailbox.Serve(listener)
	t.Cleanup(func() {
		err := box.Close()
		if err != nil {
			t.Errorf("closing the mailbox: %v", err)
		}
	})
	return box
}

// serve mounts SendGrid's stand-in as the tenant does and returns the base URL that a client is given.
func serve(t *testing.T, box *mailbox.Mailbox) string {
	t.Helper()
	server := httptest.NewServer(http.StripPrefix("/sendgrid", box.SendGrid()))
	t.Cleanup(server.Close)
	return server.URL + "/sendgrid"
}

// byoe returns the two providers that byoe has for the stand-ins.
func byoe(t *testing.T, box *mailbox.Mailbox) map[string]providers.Provider {
	t.Helper()
	host, port, err := net.SplitHostPort(box.Addr())
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	overSMTP, err := smtp.New(smtp.Config{Host: host, Port: number, TLS: "none"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		over, cancel := context.WithCancel(context.Background())
		cancel()
		overSMTP.Run(over) // closes what is idle
	})
	overHTTP, err := sendgrid.New(sendgrid.Config{APIKey: redact.NewSecret("SG.any"), BaseURL: serve(t, box)}, providertest.Client(t))
	if err != nil {
		t.Fatal(err)
	}
	return map[string]providers.Provider{mailbox.SMTP: overSMTP, mailbox.SendGrid: overHTTP}
}

// setFault fails the test where it cannot.
func setFault(t *testing.T, box *mailbox.Mailbox, provider string, f mailbox.Fault, times int) {
	t.Helper()
	err := box.SetFault(provider, f, times)
	if err != nil {
		t.Fatal(err)
	}
}

// last returns the newest submission once it is answered.
func last(t *testing.T, box *mailbox.Mailbox) mailbox.Submission {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		changed := box.Changed()
		submissions := box.Submissions()
		if len(submissions) > 0 && submissions[0].Answer != "" {
			return submissions[0]
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("no answered submission: %+v", submissions)
		}
	}
}

func TestByoeMakesOfEachFaultWhatItMakesOfARealProvider(t *testing.T) {
	t.Parallel()
	cases := []struct {
		provider string
		fault    mailbox.Fault
		kind     providers.Kind
		codes    string // one of them
		answer   string
		stored   bool
	}{
		{mailbox.SMTP, mailbox.FaultRefuse, providers.KindConfig, "554 5.7.1", "554 5.7.1", false},
		{mailbox.SMTP, mailbox.FaultRecipient, providers.KindInvalidAddress, "550 5.1.1", "550 5.1.1", false},
		{mailbox.SMTP, mailbox.FaultThrottle, providers.KindThrottled, "450 4.7.1", "450 4.7.1", false},
		{mailbox.SMTP, mailbox.FaultHang, providers.KindTemporary, "timeout", "no answer", false},
		{mailbox.SMTP, mailbox.FaultLose, providers.KindAmbiguous, "eof,reset", "no answer", true},
		{mailbox.SMTP, mailbox.FaultDown, providers.KindTemporary, "eof,reset", "no answer", false},
		{mailbox.SendGrid, mailbox.FaultRefuse, providers.KindConfig, "403 sender not verified", "403", false},
		{mailbox.SendGrid, mailbox.FaultRecipient, providers.KindInvalidAddress, "400 personalizations.to", "400", false},
		{mailbox.SendGrid, mailbox.FaultThrottle, providers.KindThrottled, "429", "429", false},
		{mailbox.SendGrid, mailbox.FaultHang, providers.KindAmbiguous, "timeout", "no answer", false},
		{mailbox.SendGrid, mailbox.FaultLose, providers.KindAmbiguous, "eof,reset", "no answer", true},
		{mailbox.SendGrid, mailbox.FaultDown, providers.KindAmbiguous, "eof,reset", "no answer", false},
	}
	for _, c := range cases {
		for _, warm := range []bool{false, true} {
			t.Run(c.provider+" "+string(c.fault)+" warm "+strconv.FormatBool(warm), func(t *testing.T) {
				t.Parallel()
				box := open(t)
				provider := byoe(t, box)[c.provider]
				if warm { // the connection is there before the fault is
					_, err := provider.Send(t.Context(), providertest.Submission(1))
					if err != nil {
						t.Fatalf("before the fault: %v", err)
					}
					box.Clear()
				}
				setFault(t, box, c.provider, c.fault, 0)
				ctx, cancel := context.WithTimeout(t.Context(), patience(c.fault))
				defer cancel()
				_, err := provider.Send(ctx, providertest.Submission(2))
				failure, ok := err.(*providers.Error) //nolint:errorlint // the error itself must be the *Error
				if !ok || failure.Kind != c.kind || !strings.Contains(","+c.codes+",", ","+failure.Code+",") {
					t.Errorf("byoe makes %v of it, want %v (%s)", err, c.kind, c.codes)
				}
				got := last(t, box)
				if got.Answer != c.answer || got.Fault != c.fault || got.Provider != c.provider {
					t.Errorf("recorded: %+v", got)
				}
				mails := box.Mails()
				if stored := len(mails) == 1; stored != c.stored || stored && got.MailID != mails[0].ID {
					t.Errorf("%d mails are stored, the submission says %q", len(mails), got.MailID)
				}
				if c.fault == mailbox.FaultThrottle && c.provider == mailbox.SendGrid && failure.RetryAfter != 5*time.Second {
					t.Errorf("asked to stay away for %v", failure.RetryAfter)
				}

				setFault(t, box, c.provider, mailbox.FaultNone, 0)
				_, err = provider.Send(t.Context(), providertest.Submission(3))
				if err != nil {
					t.Errorf("after the fault: %v", err)
				}
			})
		}
	}
}

// patience is long where the answer should end the waiting, short where nothing else can.
func patience(f mailbox.Fault) time.Duration {
	if f == mailbox.FaultHang {
		return 200 * time.Millisecond
	}
	return 10 * time.Second
}

func TestByoesMailsArriveWhole(t *testing.T) {
	t.Parallel()
	box := open(t)
	for name, provider := range byoe(t, box) {
		receipt, err := provider.Send(t.Context(), providertest.Submission(7))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		mail := box.Mails()[0]
		want := providertest.Submission(7).Message
		if mail.Provider != name || mail.Subject != want.Subject || mail.Text != want.Text || mail.HTML != want.HTML ||
			mail.From != "Contoso <no-reply@contoso.example>" || mail.EnvelopeFrom != "no-reply@contoso.example" ||
			len(mail.To) != 1 || mail.To[0] != providertest.Recipient(7) || mail.Code != providertest.Code(7) || mail.Problem != "" {
			t.Errorf("%s: %+v", name, mail)
		}
		if !strings.Contains(mail.Header("Reply-To"), "help@contoso.example") || mail.Header("Auto-Submitted") != "auto-generated" {
			t.Errorf("%s: headers %v", name, mail.Headers)
		}
		if name == mailbox.SendGrid && !strings.Contains(mail.Header("Message-ID"), receipt.MessageID) {
			t.Errorf("the receipt %q is not of the mail %q", receipt.MessageID, mail.Header("Message-ID"))
		}
		got := last(t, box)
		if got.MailID != mail.ID || got.Took <= 0 || len(got.To) != 1 || got.To[0] != providertest.Recipient(7) || got.Fault != "" {
			t.Errorf("%s: recorded %+v", name, got)
		}
	}
}

// What the doctor does: everything but the mail.
func TestByoesChecksAreSubmissionsWithoutAMail(t *testing.T) {
	t.Parallel()
	box := open(t)
	for name, provider := range byoe(t, box) {
		checker, ok := provider.(providers.Checker)
		if !ok {
			t.Fatalf("%s cannot check", name)
		}
		proven, err := checker.Check(t.Context(), providertest.Submission(1))
		if err != nil {
			t.Errorf("%s: %q, %v", name, proven, err)
		}
		want := map[string]string{mailbox.SMTP: "no mail", mailbox.SendGrid: "200"}[name]
		if got := last(t, box); got.Answer != want || got.MailID != "" {
			t.Errorf("%s: recorded %+v", name, got)
		}
	}
	if len(box.Mails()) != 0 {
		t.Error("a check left a mail")
	}
}

// A client that keeps a connection warm submits nothing, whatever fault is set.
func TestToConnectIsNoSubmission(t *testing.T) {
	t.Parallel()
	box := open(t)
	setFault(t, box, mailbox.SMTP, mailbox.FaultDown, 0)
	setFault(t, box, mailbox.SendGrid, mailbox.FaultDown, 0)
	for name, provider := range byoe(t, box) {
		connector, ok := provider.(providers.Connector)
		if !ok {
			t.Fatalf("%s cannot connect", name)
		}
		err := connector.Connect(t.Context())
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := box.Submissions(); len(got) != 0 {
		t.Errorf("recorded: %+v", got)
	}
}
