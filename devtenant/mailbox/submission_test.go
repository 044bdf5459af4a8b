package mailbox_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"byoe/devtenant/mailbox"
)

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

func TestSubmissionsAreNewestFirstAndSayWhatCameOfThem(t *testing.T) {
	t.Parallel()
	box := open(t)
	client := dial(t, box)
	client.say(250, "MAIL FROM:<a@example.com>")
	client.say(250, "RCPT TO:<taken-back@example.com>")
	client.say(250, "RSET")
	client.say(250, "MAIL FROM:<a@example.com>")
	client.say(503, "MAIL FROM:<b@example.com>") // the envelope stays as it is
	client.say(250, "RCPT TO:<one@example.com>")
	client.say(250, "RCPT TO:<two@example.com>")
	client.data(250, "Subject: taken\n\ntext\n")
	client.say(250, "MAIL FROM:<a@example.com>")
	client.say(250, "RCPT TO:<large@example.com>")
	client.data(552, strings.Repeat(strings.Repeat("x", 78)+"\n", 15_000))
	client.say(250, "MAIL FROM:<a@example.com>")
	client.say(250, "RCPT TO:<gone@example.com>")
	client.say(221, "QUIT")

	last(t, box)
	type row struct{ To, Answer, Mail string }
	var got []row
	for _, s := range box.Submissions() {
		got = append(got, row{strings.Join(s.To, " "), s.Answer, s.MailID})
	}
	want := []row{
		{"gone@example.com", "no mail", ""},
		{"large@example.com", "552 5.3.4", ""},
		{"one@example.com two@example.com", "250 2.0.0", box.Mails()[0].ID},
		{"taken-back@example.com", "no mail", ""},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if mail := box.Mails()[0]; mail.EnvelopeFrom != "a@example.com" || len(mail.To) != 2 {
		t.Errorf("the envelope became %q to %q", mail.EnvelopeFrom, mail.To)
	}
}

// The library reads chunks in a goroutine of its own, which may still be at it when the next mail has begun.
func TestAMailInChunksThatIsTakenBack(t *testing.T) {
	t.Parallel()
	box := open(t)
	client := dial(t, box)
	client.say(250, "MAIL FROM:<a@example.com>")
	client.say(250, "RCPT TO:<b@example.com>")
	client.chunk(250, "BDAT 7", "Subject")
	client.say(250, "RSET")
	client.send("Subject: whole\n\ntext\n")
	submissions := box.Submissions()
	if len(submissions) != 2 || submissions[0].Answer != "250 2.0.0" || submissions[1].Answer != "no mail" || len(box.Mails()) != 1 {
		t.Errorf("%d mails, recorded %+v", len(box.Mails()), submissions)
	}
}

// Whoever keeps a connection warm submits nothing, whatever fault is set.
func TestToConnectIsNoSubmission(t *testing.T) {
	t.Parallel()
	box := open(t)
	setFault(t, box, mailbox.SMTP, mailbox.FaultDown, 0)
	client := dial(t, box)
	client.say(250, "NOOP")
	client.say(250, "RSET")
	client.say(221, "QUIT")
	if got := box.Submissions(); len(got) != 0 {
		t.Errorf("recorded: %+v", got)
	}
}

func TestSubmissionsHaveABound(t *testing.T) {
	t.Parallel()
	box := open(t)
	setFault(t, box, mailbox.SMTP, mailbox.FaultRefuse, 1)
	client := dial(t, box)
	client.say(554, "MAIL FROM:<oldest@example.com>")
	setFault(t, box, mailbox.SMTP, mailbox.FaultThrottle, 0)
	for range 1000 {
		client.say(450, "MAIL FROM:<a@example.com>")
	}
	got := box.Submissions()
	if len(got) != 1000 || got[999].Fault != mailbox.FaultThrottle {
		t.Errorf("%d are kept, the oldest met %q", len(got), got[len(got)-1].Fault)
	}
}

// Recipients who are refused are counted by nobody else.
func TestASubmissionsRecipientsHaveABound(t *testing.T) {
	t.Parallel()
	box := open(t)
	setFault(t, box, mailbox.SMTP, mailbox.FaultRecipient, 0)
	client := dial(t, box)
	client.say(250, "MAIL FROM:<a@example.com>")
	client.say(550, "RCPT TO:<"+strings.Repeat("x", 1500)+"@example.com>")
	for range 30 {
		client.say(550, "RCPT TO:<b@example.com>")
	}
	to := box.Submissions()[0].To
	if len(to) != 20 || len(to[0]) != 254 {
		t.Errorf("%d recipients are shown, the first with %d octets", len(to), len(to[0]))
	}
}

func TestASubmissionInJSON(t *testing.T) {
	t.Parallel()
	box := open(t)
	setFault(t, box, mailbox.SMTP, mailbox.FaultRefuse, 0)
	dial(t, box).say(554, "MAIL FROM:<a@example.com>")
	got, err := json.Marshal(last(t, box))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"at":"`, `"took":`, `"provider":"smtp"`, `"to":[]`, `"fault":"refuse"`, `"answer":"554 5.7.1"`,
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
}

func TestClearForgetsSubmissionsAndKeepsFaults(t *testing.T) {
	t.Parallel()
	box := open(t)
	setFault(t, box, mailbox.SMTP, mailbox.FaultHang, 0)
	client := dial(t, box)
	client.say(250, "MAIL FROM:<a@example.com>")
	box.Clear()
	if got := box.Submissions(); len(got) != 0 {
		t.Errorf("cleared, and there are %+v", got)
	}
	if f, _ := box.FaultOf(mailbox.SMTP); f != mailbox.FaultHang {
		t.Errorf("the fault became %q", f)
	}
	client.say(250, "RSET") // ends a submission that is forgotten
	if got := box.Submissions(); len(got) != 0 {
		t.Errorf("it came back: %+v", got)
	}
}

func TestChangesWakeWhoeverLooks(t *testing.T) {
	t.Parallel()
	box := open(t)
	client := dial(t, box)
	changes := []struct {
		name string
		make func()
	}{
		{"a submission begins", func() { client.say(250, "MAIL FROM:<a@example.com>") }},
		{"a recipient is named", func() { client.say(250, "RCPT TO:<b@example.com>") }},
		{"a mail arrives", func() { client.data(250, "Subject: x\n\ny\n") }},
		{"a mail is put", func() { box.Put(mailbox.Microsoft, "a@example.com", nil, "Subject: x\n\ny\n") }},
		{"everything is cleared", box.Clear},
		{"a fault is set", func() { setFault(t, box, mailbox.SMTP, mailbox.FaultRefuse, 0) }},
		{"the mailbox closes", func() { _ = box.Close() }},
	}
	for _, c := range changes {
		changed := box.Changed()
		select {
		case <-changed:
			t.Errorf("before %s it was told of", c.name)
		default:
		}
		c.make()
		select {
		case <-changed:
		default:
			t.Errorf("nobody is told that %s", c.name)
		}
	}
}
