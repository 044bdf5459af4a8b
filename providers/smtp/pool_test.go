package smtp_test

import (
	"bufio"
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"byoe/providers"
	"byoe/providers/providertest"
	"byoe/providers/smtp"
)

const login = "EHLO AUTH "

func sendAll(t *testing.T, provider *smtp.Provider, mails int) {
	t.Helper()
	for n := range mails {
		if _, err := provider.Send(t.Context(), providertest.Submission(n)); err != nil {
			t.Fatalf("mail %d: %v", n, err)
		}
	}
}

func TestOneLinkForMails(t *testing.T) {
	t.Parallel()
	server := startScript(t, nil)
	sendAll(t, connect(t, testConfig(t, server.address)), 3)
	const mail = "MAIL RCPT DATA . "
	if got := server.verbs() + " "; got != login+mail+mail+mail || server.opened() != 1 {
		t.Errorf("%d connections, and the server was told %q", server.opened(), got)
	}
}

// After a refusal the server may still have the sender of the refused mail: RSET comes first, once.
func TestResetAfterRefusal(t *testing.T) {
	t.Parallel()
	server := startScript(t, script{"RCPT TO:<" + providertest.Recipient(1) + ">": "550 5.1.1 no such user"})
	provider := connect(t, testConfig(t, server.address))
	_, err := provider.Send(t.Context(), providertest.Submission(1))
	expectFailure(t, err, providers.KindInvalidAddress, "550 5.1.1")
	for _, n := range []int{2, 3} {
		if _, err := provider.Send(t.Context(), providertest.Submission(n)); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := server.verbs(), login+"MAIL RCPT RSET MAIL RCPT DATA . MAIL RCPT DATA ."; got != want || server.opened() != 1 {
		t.Errorf("%d connections, and the server was told %q, want 1 and %q", server.opened(), got, want)
	}
}

// Servers leave idle connections, with and without a word. The next mail must not pay for it.
func TestDeadLinkIsReplaced(t *testing.T) {
	t.Parallel()
	for name, leaves := range map[string]string{
		"hangs up":      hangUp,
		"says goodbye":  "421 4.4.2 timeout exceeded",
		"says nonsense": "what?",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := startScript(t, script{"second MAIL": leaves})
			sendAll(t, connect(t, testConfig(t, server.address)), 2)
			if server.opened() != 2 {
				t.Errorf("%d connections, want 2", server.opened())
			}
		})
	}
}

// Once is enough: a server that leaves every connection is down.
func TestDeadLinkIsReplacedOnce(t *testing.T) {
	t.Parallel()
	server := startScript(t, script{"later MAIL": hangUp})
	provider := connect(t, testConfig(t, server.address))
	sendAll(t, provider, 1)
	_, err := provider.Send(t.Context(), providertest.Submission(2))
	expectFailure(t, err, providers.KindTemporary, "eof")
	if server.opened() != 2 {
		t.Errorf("%d connections, want 2", server.opened())
	}
}

// A verdict is one, whatever the server does behind it. To ask again could get another.
func TestRefusalIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	server := startScript(t, script{"RCPT TO:<" + providertest.Recipient(2) + ">": "550 5.1.1 no such user\r\n421 4.7.0 bye"})
	provider := connect(t, testConfig(t, server.address))
	sendAll(t, provider, 1)
	_, err := provider.Send(t.Context(), providertest.Submission(2))
	expectFailure(t, err, providers.KindInvalidAddress, "550 5.1.1")
	if server.opened() != 1 {
		t.Errorf("%d connections, want 1", server.opened())
	}
	if sendAll(t, provider, 1); server.opened() != 2 {
		t.Errorf("%d connections for the next mail, want a second one: the server said goodbye on the first", server.opened())
	}
}

// An ambiguous mail is not sent again on another link, and its link serves nobody any more.
func TestLostAnswerIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	peer := newPeer(t, nil, false)
	provider := connect(t, testConfig(t, peer.address))
	sendAll(t, provider, 1)
	peer.Behave(providertest.Lose, "")
	if _, err := provider.Send(t.Context(), providertest.Submission(2)); providers.KindOf(err) != providers.KindAmbiguous {
		t.Errorf("Send returned %v, want ambiguous", err)
	}
	if got := len(peer.Mails()); got != 2 {
		t.Errorf("%d mails, want 2", got)
	}
}

// pipeline answers nothing before it has read a whole mail's commands: who waits for each reply waits for ever.
func pipeline(t *testing.T, replies string) (address string, heard func() []string) {
	t.Helper()
	var mu sync.Mutex
	var lines []string
	address = providertest.Listen(t, func(conn net.Conn) {
		in := bufio.NewScanner(conn)
		say := func(text string) { _, _ = conn.Write([]byte(text + "\r\n")) }
		// until reads lines to the one that begins so; false is the end of the conversation.
		until := func(prefix string) bool {
			for in.Scan() {
				mu.Lock()
				lines = append(lines, in.Text())
				mu.Unlock()
				if strings.HasPrefix(in.Text(), prefix) {
					return true
				}
			}
			return false
		}
		say("220 script.test")
		until("EHLO")
		say("250-script.test\r\n250-PIPELINING\r\n250 AUTH PLAIN")
		until("AUTH")
		say("235 2.7.0 welcome")
		for until("DATA") {
			say(replies)
			if !until(".") {
				return
			}
			say("250 2.0.0 ok")
		}
	})
	return address, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string(nil), lines...)
	}
}

func TestPipelining(t *testing.T) {
	t.Parallel()
	address, _ := pipeline(t, "250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go ahead")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	provider := connect(t, testConfig(t, address))
	for n := range 3 {
		if _, err := provider.Send(ctx, providertest.Submission(n)); err != nil {
			t.Fatal(err)
		}
	}
}

// A server that refused the recipient and then takes the DATA that was said in the same breath must get neither mail nor
// final dot.
func TestPipelinedRefusal(t *testing.T) {
	t.Parallel()
	address, heard := pipeline(t, "250 2.1.0 ok\r\n550 5.1.1 no such user\r\n354 go ahead")
	provider := connect(t, testConfig(t, address))
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for range 2 { // the second on a link of its own: the first one's server waits for a mail
		_, err := provider.Send(ctx, providertest.Submission(1))
		expectFailure(t, err, providers.KindInvalidAddress, "550 5.1.1")
	}
	for _, line := range heard()[2:] {
		if verb, _, _ := strings.Cut(line, " "); verb != "MAIL" && verb != "RCPT" && verb != "DATA" && verb != "EHLO" && verb != "AUTH" {
			t.Errorf("behind the refusal the server was told %q", line)
		}
	}
}

// What a link is of no further use for is not kept, however the mail ended.
func TestLinksThatAreNotKept(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		script script
		good   bool // the first mail was accepted
	}{
		"the server is ahead of us":         {script{".": "250 2.0.0 ok\r\n250 2.0.0 ok"}, true},
		"the dialogue has come apart":       {script{"RCPT TO:<" + providertest.Recipient(0) + ">": "354 go ahead"}, false},
		"refused at its end with a goodbye": {script{"first .": "421 4.3.2 shutting down"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := startScript(t, tt.script)
			provider := connect(t, testConfig(t, server.address))
			if _, err := provider.Send(t.Context(), providertest.Submission(0)); (err == nil) != tt.good || providers.KindOf(err) == providers.KindAmbiguous && err != nil {
				t.Errorf("the first mail: %v", err)
			}
			if _, err := provider.Send(t.Context(), providertest.Submission(1)); err != nil {
				t.Errorf("the second mail: %v", err)
			}
			if server.opened() != 2 {
				t.Errorf("%d connections, want 2", server.opened())
			}
		})
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	server := startScript(t, nil)
	c := testConfig(t, server.address)
	c.Connections = 3
	provider := connect(t, c)
	var running sync.WaitGroup
	for n := range 40 {
		running.Go(func() {
			if _, err := provider.Send(t.Context(), providertest.Submission(n)); err != nil {
				t.Errorf("mail %d: %v", n, err)
			}
		})
	}
	running.Wait()
	if server.opened() > 3 {
		t.Errorf("%d connections, want at most 3", server.opened())
	}
}

// Who finds no link free waits for as long as they have time, and takes nobody else's.
func TestNoConnectionFree(t *testing.T) {
	t.Parallel()
	server := startScript(t, script{"MAIL": hang})
	c := testConfig(t, server.address)
	c.Connections = 1
	provider := connect(t, c)
	busy, end := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _, _ = provider.Send(busy, providertest.Submission(1)) }()
	for !server.told("MAIL") {
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := provider.Send(ctx, providertest.Submission(2))
	expectFailure(t, err, providers.KindTemporary, "no connection free")
	end()
	<-done
}

// Replies add up over the many mails of one link; only what one mail brings counts against the server.
func TestLongLivedLink(t *testing.T) {
	t.Parallel()
	server := startScript(t, script{"RCPT": "250 " + strings.Repeat("x", 2000)})
	sendAll(t, connect(t, testConfig(t, server.address)), 100)
	if server.opened() != 1 {
		t.Errorf("%d connections, want 1", server.opened())
	}
}

// What Run leaves open nobody closes.
func TestRunEndsWithNothingOpen(t *testing.T) {
	t.Parallel()
	server := startScript(t, nil)
	provider := connect(t, testConfig(t, server.address))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); provider.Run(ctx) }()
	for !server.told("AUTH") { // Run connects by itself
		time.Sleep(time.Millisecond)
	}
	cancel()
	<-done
	<-server.gone
	if !server.told("QUIT") {
		t.Error("no goodbye")
	}
	sendAll(t, provider, 1) // a mail that comes late is sent all the same, and its link is not kept
	<-server.gone
}

func TestCheck(t *testing.T) {
	t.Parallel()
	server := startScript(t, script{"RCPT TO:<" + providertest.Recipient(2) + ">": "550 5.1.1 no such user"})
	provider := connect(t, testConfig(t, server.address))
	proven, err := provider.Check(t.Context(), providertest.Submission(1))
	if err != nil || proven == "" {
		t.Errorf("Check gave %q, %v", proven, err)
	}
	_, err = provider.Check(t.Context(), providertest.Submission(2))
	expectFailure(t, err, providers.KindInvalidAddress, "550 5.1.1")
	if got, want := server.verbs(), login+"MAIL RCPT RSET MAIL RCPT"; got != want {
		t.Errorf("the server was told %q, want %q", got, want)
	}
}
