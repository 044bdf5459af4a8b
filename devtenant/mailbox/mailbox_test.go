package mailbox_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"strings"
	"testing"
	"time"

	"byoe/devtenant/mailbox"
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

// send delivers a mail with net/smtp, a client that shares nothing with the server's library.
func send(t *testing.T, box *mailbox.Mailbox, raw string, to ...string) {
	t.Helper()
	if len(to) == 0 {
		to = []string{"someone@example.com"}
	}
	err := smtp.SendMail(box.Addr(), nil, "bounces@example.com", to, []byte(crlf(raw)))
	if err != nil {
		t.Fatalf("sending: %v", err)
	}
}

// crlf makes a Go string literal fit for the wire.
func crlf(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }

func any1(mailbox.Mail) bool { return true }

func TestMailsAreNewestFirstAndFoundByID(t *testing.T) {
	t.Parallel()
	box := open(t)
	send(t, box, "Subject: first\n\n1\n")
	send(t, box, "Subject: second\n\n2\n", "a@example.com", "b@example.com")

	mails := box.Mails()
	if len(mails) != 2 || mails[0].Subject != "second" || mails[1].Subject != "first" {
		t.Fatalf("got %d mails, want second and first", len(mails))
	}
	found, ok := box.Mail(mails[1].ID)
	if !ok || found.Subject != "first" {
		t.Errorf("the first mail is not found by its id")
	}
	_, ok = box.Mail("no such id")
	if ok {
		t.Errorf("a mail is found by an id that none has")
	}
	if got := strings.Join(mails[0].To, " "); got != "a@example.com b@example.com" {
		t.Errorf("recipients: %q", got)
	}
	if mails[0].EnvelopeFrom != "bounces@example.com" {
		t.Errorf("envelope sender: %q", mails[0].EnvelopeFrom)
	}
	if age := time.Since(mails[0].Received); age < 0 || age > time.Minute {
		t.Errorf("received %v ago", age)
	}
}

func TestTheOldestMailMakesRoom(t *testing.T) {
	t.Parallel()
	box := open(t)
	client := dial(t, box)
	for i := range mailbox.Kept + 3 {
		client.send(fmt.Sprintf("Subject: mail %d\n\ntext\n", i))
	}
	mails := box.Mails()
	if len(mails) != mailbox.Kept {
		t.Fatalf("%d mails are kept, want %d", len(mails), mailbox.Kept)
	}
	if got, want := mails[len(mails)-1].Subject, "mail 3"; got != want {
		t.Errorf("the oldest is %q, want %q", got, want)
	}
}

func TestLargeMailsMakeRoomSooner(t *testing.T) {
	t.Parallel()
	box := open(t)
	client := dial(t, box)
	body := strings.Repeat(strings.Repeat("x", 70)+"\n", 14_000) // 1 MB on the wire, 2 MB kept: raw and text
	const sent = 40
	for range sent {
		client.send("Subject: large\n\n" + body)
	}
	if kept := len(box.Mails()); kept >= sent || kept < 20 {
		t.Errorf("%d of %d large mails are kept, want what 64 MB hold", kept, sent)
	}
}

func TestClear(t *testing.T) {
	t.Parallel()
	box := open(t)
	send(t, box, "Subject: before\n\ntext\n")
	before := box.Mails()[0].ID
	box.Clear()
	if len(box.Mails()) != 0 {
		t.Fatal("a cleared mailbox holds mails")
	}
	send(t, box, "Subject: after\n\ntext\n")
	after := box.Mails()
	if len(after) != 1 || after[0].ID == before {
		t.Errorf("an id was used again, so that an old link shows another mail")
	}
}

func TestWait(t *testing.T) {
	t.Parallel()

	t.Run("returns what is already here", func(t *testing.T) {
		t.Parallel()
		box := open(t)
		send(t, box, "Subject: early\n\ntext\n")
		mail, err := box.Wait(t.Context(), any1)
		if err != nil || mail.Subject != "early" {
			t.Errorf("got %q, %v", mail.Subject, err)
		}
	})

	t.Run("returns the one that matches, once it comes", func(t *testing.T) {
		t.Parallel()
		box := open(t)
		got := make(chan string, 1)
		go func() {
			mail, err := box.Wait(t.Context(), func(m mailbox.Mail) bool { return m.Subject == "mine" })
			got <- fmt.Sprint(mail.Subject, " ", err)
		}()
		send(t, box, "Subject: another\n\ntext\n")
		send(t, box, "Subject: mine\n\ntext\n")
		if result := <-got; result != "mine <nil>" {
			t.Errorf("got %q", result)
		}
	})

	t.Run("goes on over a clearing", func(t *testing.T) {
		t.Parallel()
		box := open(t)
		send(t, box, "Subject: old\n\ntext\n")
		looked := make(chan struct{}, 10)
		got := make(chan string, 1)
		go func() {
			mail, err := box.Wait(t.Context(), func(m mailbox.Mail) bool {
				looked <- struct{}{}
				return m.Subject == "new"
			})
			got <- fmt.Sprint(mail.Subject, " ", err)
		}()
		<-looked
		box.Clear()
		send(t, box, "Subject: new\n\ntext\n")
		if result := <-got; result != "new <nil>" {
			t.Errorf("got %q", result)
		}
	})

	t.Run("begins after a clearing and ends with its context", func(t *testing.T) {
		t.Parallel()
		box := open(t)
		send(t, box, "Subject: cleared\n\ntext\n")
		box.Clear()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := box.Wait(ctx, any1)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})

	t.Run("ends with the mailbox", func(t *testing.T) {
		t.Parallel()
		box := open(t)
		failed := make(chan error, 1)
		go func() {
			_, err := box.Wait(t.Context(), any1)
			failed <- err
		}()
		err := box.Close()
		if err != nil {
			t.Errorf("closing: %v", err)
		}
		err = <-failed
		if !errors.Is(err, mailbox.ErrClosed) {
			t.Errorf("got %v", err)
		}
	})
}

func TestCloseTwiceAndReadAfterwards(t *testing.T) {
	t.Parallel()
	box := open(t)
	send(t, box, "Subject: kept\n\ntext\n")
	for range 2 {
		err := box.Close()
		if err != nil {
			t.Fatalf("closing: %v", err)
		}
	}
	if len(box.Mails()) != 1 {
		t.Errorf("what was received is gone after Close")
	}
}
