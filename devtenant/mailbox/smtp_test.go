package mailbox_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"byoe/devtenant/mailbox"
)

// client speaks SMTP line by line, so that it can say what a polite library does not.
type client struct {
	t    *testing.T
	text *textproto.Conn
}

// dial connects and says EHLO.
func dial(t *testing.T, box *mailbox.Mailbox) *client {
	t.Helper()
	var dialer net.Dialer
	conn, err := dialer.DialContext(t.Context(), "tcp", box.Addr())
	if err != nil {
		t.Fatal(err)
	}
	err = conn.SetDeadline(time.Now().Add(30 * time.Second))
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, text: textproto.NewConn(conn)}
	t.Cleanup(func() { _ = c.text.Close() })
	c.expect(220)
	c.say(250, "EHLO test")
	return c
}

// say sends a line and wants that reply.
func (c *client) say(code int, line string) string {
	c.t.Helper()
	err := c.text.PrintfLine("%s", line)
	if err != nil {
		c.t.Fatalf("%s: %v", line, err)
	}
	return c.expect(code)
}

// expect reads a reply.
func (c *client) expect(code int) string {
	c.t.Helper()
	_, message, err := c.text.ReadResponse(code)
	if err != nil {
		c.t.Fatalf("want %d: %v", code, err)
	}
	return message
}

// send delivers a mail.
func (c *client) send(raw string) {
	c.t.Helper()
	c.say(250, "MAIL FROM:<bounces@example.com>")
	c.say(250, "RCPT TO:<someone@example.com>")
	c.data(250, raw)
}

// chunk sends BDAT and its octets, with nothing after them, and wants that reply.
func (c *client) chunk(code int, command, octets string) {
	c.t.Helper()
	_, err := c.text.W.WriteString(command + "\r\n" + octets)
	if err == nil {
		err = c.text.W.Flush()
	}
	if err != nil {
		c.t.Fatalf("%s: %v", command, err)
	}
	c.expect(code)
}

// data sends DATA and a mail and wants that reply.
func (c *client) data(code int, raw string) {
	c.t.Helper()
	c.say(354, "DATA")
	writer := c.text.DotWriter()
	_, err := io.WriteString(writer, raw)
	if err != nil {
		c.t.Fatal(err)
	}
	err = writer.Close()
	if err != nil {
		c.t.Fatal(err)
	}
	c.expect(code)
}

func TestTheServerSaysWhatItCan(t *testing.T) {
	t.Parallel()
	offers := dial(t, open(t)).say(250, "EHLO test")
	for _, want := range []string{"PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 1048576", "AUTH PLAIN LOGIN"} {
		if !strings.Contains(offers, want) {
			t.Errorf("EHLO does not offer %q", want)
		}
	}
	if strings.Contains(offers, "STARTTLS") {
		t.Error("EHLO offers STARTTLS: clients would upgrade and refuse the certificate")
	}
}

func TestTooLargeAMailIsRefusedAndTheConnectionGoesOn(t *testing.T) {
	t.Parallel()
	box := open(t)
	client := dial(t, box)
	client.say(552, "MAIL FROM:<a@example.com> SIZE=9999999")

	client.say(250, "MAIL FROM:<a@example.com>")
	client.say(250, "RCPT TO:<b@example.com>")
	client.data(552, strings.Repeat(strings.Repeat("x", 78)+"\n", 15_000))
	if kept := len(box.Mails()); kept != 0 {
		t.Fatalf("%d mails are kept", kept)
	}
	client.send("Subject: small\n\ntext\n")
	if kept := len(box.Mails()); kept != 1 {
		t.Errorf("%d mails are kept after a small one", kept)
	}
}

func TestTooLargeAChunkIsRefused(t *testing.T) {
	t.Parallel()
	box := open(t)
	client := dial(t, box)
	client.say(250, "MAIL FROM:<a@example.com>")
	client.say(250, "RCPT TO:<b@example.com>")
	const line = "a line of thirty-two octets...\r\n"
	client.chunk(552, "BDAT 1048608 LAST", strings.Repeat(line, 1048608/len(line)))
	if kept := len(box.Mails()); kept != 0 {
		t.Errorf("%d mails are kept", kept)
	}
	client.say(250, "NOOP")
}

func TestAMailInChunksIsTaken(t *testing.T) {
	t.Parallel()
	box := open(t)
	client := dial(t, box)
	client.say(250, "MAIL FROM:<a@example.com>")
	client.say(250, "RCPT TO:<b@example.com>")
	client.chunk(250, "BDAT 11", "Subject: ch")
	client.chunk(250, "BDAT 13 LAST", "unks\r\n\r\n1234\n")
	mail, err := box.Wait(t.Context(), any1)
	if err != nil || mail.Subject != "chunks" || mail.Code != "1234" {
		t.Errorf("got %q with code %q, %v", mail.Subject, mail.Code, err)
	}
}

func TestTooManyRecipientsAreRefused(t *testing.T) {
	t.Parallel()
	client := dial(t, open(t))
	client.say(250, "MAIL FROM:<a@example.com>")
	for i := range 20 {
		client.say(250, fmt.Sprintf("RCPT TO:<r%d@example.com>", i))
	}
	client.say(452, "RCPT TO:<one-more@example.com>")
}

func TestTooLongALineEndsTheConnection(t *testing.T) {
	t.Parallel()
	client := dial(t, open(t))
	// No more than the server reads at once: what is left unread when it closes may cost the client the reply.
	client.say(500, "NOOP "+strings.Repeat("x", 3_000))
}

func TestAnAddressBeyondASCIIIsTaken(t *testing.T) {
	t.Parallel()
	box := open(t)
	client := dial(t, box)
	client.say(250, "MAIL FROM:<a@example.com> SMTPUTF8 BODY=8BITMIME")
	client.say(250, "RCPT TO:<用户@example.com>")
	client.data(250, "Subject: text\n\ntext\n")
	if got := box.Mails()[0].To[0]; got != "用户@example.com" {
		t.Errorf("recipient %q", got)
	}
}

func TestCredentialsAreTaken(t *testing.T) {
	t.Parallel()
	box := open(t)

	err := smtp.SendMail(box.Addr(), smtp.PlainAuth("", "user", "password", "127.0.0.1"), "a@example.com",
		[]string{"b@example.com"}, []byte("Subject: x\r\n\r\ny\r\n"))
	if err != nil {
		t.Errorf("AUTH PLAIN: %v", err)
	}

	login := dial(t, box)
	if prompt := login.say(334, "AUTH LOGIN"); prompt != "VXNlcm5hbWU6" { // Username:
		t.Errorf("prompt %q", prompt)
	}
	if prompt := login.say(334, "dXNlcg=="); prompt != "UGFzc3dvcmQ6" { // Password:
		t.Errorf("prompt %q", prompt)
	}
	login.say(235, "cGFzc3dvcmQ=")

	atOnce := dial(t, box)
	atOnce.say(334, "AUTH LOGIN dXNlcg==")
	atOnce.say(235, "cGFzc3dvcmQ=")

	dial(t, box).say(504, "AUTH CRAM-MD5")
}

func TestTwoMailsOverOneConnectionKeepTheirOwnRecipients(t *testing.T) {
	t.Parallel()
	box := open(t)
	client := dial(t, box)
	for _, to := range []string{"one@example.com", "two@example.com"} {
		client.say(250, "MAIL FROM:<a@example.com>")
		client.say(250, "RCPT TO:<"+to+">")
		client.data(250, "Subject: to "+to+"\n\ntext\n")
	}
	mails := box.Mails()
	if got := mails[1].To; len(got) != 1 || got[0] != "one@example.com" {
		t.Errorf("the first mail's recipients became %q", got)
	}
}

func TestOneConnectionTooManyIsHungUpOn(t *testing.T) {
	t.Parallel()
	box := open(t)
	first := dial(t, box)
	for range 255 {
		dial(t, box)
	}
	if !isHungUp(t, box) {
		t.Fatal("the 257th connection is served")
	}
	first.say(221, "QUIT")
	_, err := first.text.ReadLine() // the server has closed, so the place is free
	if !errors.Is(err, io.EOF) {
		t.Fatalf("after QUIT: %v", err)
	}
	dial(t, box)
}

// isHungUp says whether a new connection ends without a greeting.
func isHungUp(t *testing.T, box *mailbox.Mailbox) bool {
	t.Helper()
	var dialer net.Dialer
	conn, err := dialer.DialContext(t.Context(), "tcp", box.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	err = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	if err != nil {
		t.Fatal(err)
	}
	read, _ := conn.Read(make([]byte, 1))
	return read == 0
}

func TestCloseCutsConnectionsInTheMiddleOfAMail(t *testing.T) {
	t.Parallel()
	box := open(t)
	idle := dial(t, box)
	sending := dial(t, box)
	sending.say(250, "MAIL FROM:<a@example.com>")
	sending.say(250, "RCPT TO:<b@example.com>")
	sending.say(354, "DATA")

	started := time.Now()
	err := box.Close()
	if err != nil {
		t.Errorf("closing: %v", err)
	}
	if took := time.Since(started); took > 2*time.Second {
		t.Errorf("Close took %v", took)
	}
	for _, client := range []*client{idle, sending} {
		_, err := io.ReadAll(client.text.R)
		if timeout, isNet := errors.AsType[net.Error](err); isNet && timeout.Timeout() {
			t.Error("a connection is still open")
		}
	}
	if len(box.Mails()) != 0 {
		t.Error("half a mail was kept")
	}
}
