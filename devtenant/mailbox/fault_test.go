package mailbox_test

import (
	"errors"
	"io"
	"net/smtp"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"byoe/devtenant/mailbox"
)

// setFault fails the test where it cannot.
func setFault(t *testing.T, box *mailbox.Mailbox, provider string, f mailbox.Fault, times int) {
	t.Helper()
	err := box.SetFault(provider, f, times)
	if err != nil {
		t.Fatal(err)
	}
}

func TestFaultsAreListedWithWords(t *testing.T) {
	t.Parallel()
	var names []string
	for _, kind := range mailbox.Faults() {
		names = append(names, string(kind.Fault))
		if kind.Words == "" || strings.ContainsAny(kind.Words, "\n") {
			t.Errorf("%q has the words %q", kind.Fault, kind.Words)
		}
	}
	if got := strings.Join(names, ","); got != ",refuse,refuse-recipient,throttle,hang,lose-answer,down" {
		t.Errorf("faults %q", got)
	}
}

func TestAFaultThatCannotBeSetNamesWhatThereIs(t *testing.T) {
	t.Parallel()
	box := open(t)
	cases := []struct {
		name, provider string
		fault          mailbox.Fault
		times          int
		want           string
	}{
		{"an unknown provider", "postmark", mailbox.FaultHang, 0, "smtp, sendgrid"},
		{"Microsoft's own mail, which nobody submits", mailbox.Microsoft, mailbox.FaultHang, 0, "smtp, sendgrid"},
		{"an unknown fault", mailbox.SMTP, "explode", 0, "refuse, refuse-recipient, throttle, hang, lose-answer, down"},
		{"fewer than no times", mailbox.SMTP, mailbox.FaultHang, -1, "0 is until it is cleared"},
	}
	for _, c := range cases {
		err := box.SetFault(c.provider, c.fault, c.times)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if f, left := box.FaultOf(mailbox.SMTP); f != mailbox.FaultNone || left != 0 {
		t.Errorf("%q, %d is set", f, left)
	}
}

func TestAFaultClearsItselfAfterItsTimes(t *testing.T) {
	t.Parallel()
	box := open(t)
	client := dial(t, box)
	setFault(t, box, mailbox.SMTP, mailbox.FaultRefuse, 2)
	setFault(t, box, mailbox.SendGrid, mailbox.FaultThrottle, 0)
	for want := 2; want > 0; want-- {
		if f, left := box.FaultOf(mailbox.SMTP); f != mailbox.FaultRefuse || left != want {
			t.Fatalf("%q for %d more, want %d", f, left, want)
		}
		client.say(554, "MAIL FROM:<a@example.com>")
	}
	if f, left := box.FaultOf(mailbox.SMTP); f != mailbox.FaultNone || left != 0 {
		t.Errorf("%q for %d more is left over", f, left)
	}
	client.send("Subject: at last\n\ntext\n")
	if f, left := box.FaultOf(mailbox.SendGrid); f != mailbox.FaultThrottle || left != 0 {
		t.Errorf("the other provider's fault became %q for %d more", f, left)
	}
	setFault(t, box, mailbox.SendGrid, mailbox.FaultNone, 7)
	if f, left := box.FaultOf(mailbox.SendGrid); f != mailbox.FaultNone || left != 0 {
		t.Errorf("cleared, and %q for %d more is left", f, left)
	}
}

// However many clients come at once, a fault meets as many of them as it was set for.
func TestAFaultIsCountedOnce(t *testing.T) {
	t.Parallel()
	box := open(t)
	setFault(t, box, mailbox.SMTP, mailbox.FaultRecipient, 10)
	var group sync.WaitGroup
	refused := make(chan struct{}, 40)
	for range 40 {
		group.Go(func() {
			err := smtp.SendMail(box.Addr(), nil, "a@example.com", []string{"b@example.com"}, []byte("Subject: x\r\n\r\ny\r\n"))
			if reply, ok := errors.AsType[*textproto.Error](err); ok && reply.Code == 550 {
				refused <- struct{}{}
			} else if err != nil {
				t.Errorf("sending: %v", err)
			}
			_, _ = box.FaultOf(mailbox.SMTP)
		})
	}
	group.Wait()
	if len(refused) != 10 || len(box.Mails()) != 30 || len(box.Submissions()) != 40 {
		t.Errorf("%d refused, %d mails, %d submissions; want 10, 30 and 40", len(refused), len(box.Mails()), len(box.Submissions()))
	}
}

func TestAHungClientIsSeenAtOnceAndEndsWithTheMailbox(t *testing.T) {
	t.Parallel()
	box := open(t)
	setFault(t, box, mailbox.SMTP, mailbox.FaultHang, 0)
	client := dial(t, box)
	client.say(250, "MAIL FROM:<a@example.com>")
	err := client.text.PrintfLine("RCPT TO:<b@example.com>")
	if err != nil {
		t.Fatal(err)
	}
	got := whenNamed(t, box)
	if got.Answer != "" || got.Took != 0 || got.Fault != mailbox.FaultHang || got.To[0] != "b@example.com" {
		t.Errorf("recorded while it hangs: %+v", got)
	}
	started := time.Now()
	err = box.Close()
	if err != nil {
		t.Errorf("closing: %v", err)
	}
	if took := time.Since(started); took > 2*time.Second {
		t.Errorf("Close took %v", took)
	}
	if got := box.Submissions()[0]; got.Answer != "no answer" || got.Took <= 0 {
		t.Errorf("recorded after Close: %+v", got)
	}
}

// whenNamed waits until the newest submission has a recipient.
func whenNamed(t *testing.T, box *mailbox.Mailbox) mailbox.Submission {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		changed := box.Changed()
		if got := box.Submissions(); len(got) > 0 && len(got[0].To) > 0 {
			return got[0]
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatal("no submission shows up")
		}
	}
}

func TestAHungClientThatGoesIsLetGo(t *testing.T) {
	t.Parallel()
	box := open(t)
	setFault(t, box, mailbox.SMTP, mailbox.FaultHang, 0)
	client := dial(t, box)
	client.say(250, "MAIL FROM:<a@example.com>")
	err := client.text.PrintfLine("RCPT TO:<b@example.com>\r\nDATA\r\nMAIL FROM:<c@example.com>")
	if err != nil {
		t.Fatal(err)
	}
	whenNamed(t, box)
	_ = client.text.Close()
	got := last(t, box)
	if got.Answer != "no answer" || got.Took > 10*time.Second {
		t.Errorf("recorded: %+v", got)
	}
}

func TestNobodyHangsForEver(t *testing.T) {
	t.Parallel()
	box := open(t)
	box.HangFor(50 * time.Millisecond)
	setFault(t, box, mailbox.SMTP, mailbox.FaultHang, 0)
	client := dial(t, box)
	client.say(250, "MAIL FROM:<a@example.com>")
	err := client.text.PrintfLine("RCPT TO:<b@example.com>")
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.text.ReadLine()
	if !errors.Is(err, io.EOF) {
		t.Errorf("after the time: %v, want the end of the connection", err)
	}

	setFault(t, box, mailbox.SendGrid, mailbox.FaultHang, 0)
	_, err = post(t, serve(t, box), simple)
	if !errors.Is(err, io.EOF) {
		t.Errorf("a request after the time: %v", err)
	}
}

// A client that wrote everything in one go is not listened to any more.
func TestNothingIsTakenFromACutConnection(t *testing.T) {
	t.Parallel()
	for _, fault := range []mailbox.Fault{mailbox.FaultDown, mailbox.FaultLose} {
		box := open(t)
		setFault(t, box, mailbox.SMTP, fault, 1)
		client := dial(t, box)
		const mail = "MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\nSubject: x\r\n\r\ny\r\n.\r\n"
		_, err := client.text.W.WriteString(mail + mail)
		if err == nil {
			err = client.text.W.Flush()
		}
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.ReadAll(client.text.R)
		err = box.Close() // waits for the session
		if err != nil {
			t.Fatal(err)
		}
		if got := box.Submissions(); len(got) != 1 || got[0].Answer != "no answer" {
			t.Errorf("%s: recorded %+v", fault, got)
		}
	}
}
