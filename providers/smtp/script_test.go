package smtp_test

import (
	"bufio"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"byoe/providers/providertest"
)

// What a scripted server can do in place of a reply.
const (
	hang   = "\x00hang"
	hangUp = "\x00hang up"
	// thenDeaf, behind a reply, makes the server stop reading.
	thenDeaf = "\x00deaf"
)

// script says what a server answers to each command, by its verb; "greeting" and "." are two more. What it leaves out
// is answered as a good server would. An answer may be several lines, or garbage: it is sent as it is, with CRLF behind.
type script map[string]string

func (s script) answer(verb string) string {
	if reply, ok := s[verb]; ok {
		return reply
	}
	switch verb {
	case "greeting":
		return "220 script.test ESMTP"
	case "EHLO":
		return "250-script.test\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN"
	case "AUTH":
		return "235 2.7.0 welcome"
	case "DATA":
		return "354 go ahead"
	case "QUIT":
		return "221 2.0.0 bye"
	default:
		return "250 2.0.0 ok"
	}
}

// scripted is a server that follows a script on every connection and remembers what it was told.
type scripted struct {
	address string
	script  script
	// gone gets a value for each connection that the client gave up.
	gone chan struct{}

	mu          sync.Mutex
	commands    []string
	connections int
}

func startScript(t *testing.T, s script) *scripted {
	t.Helper()
	server := &scripted{script: s, gone: make(chan struct{}, 10)}
	server.address = providertest.Listen(t, server.serve)
	return server
}

func (s *scripted) serve(conn net.Conn) {
	s.mu.Lock()
	s.connections++
	s.mu.Unlock()
	if !s.say(conn, s.script.answer("greeting")) {
		return
	}
	lines := bufio.NewScanner(conn)
	inData := false
	for lines.Scan() {
		line := lines.Text()
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		if inData && line != "." {
			continue
		}
		s.mu.Lock()
		s.commands = append(s.commands, line)
		s.mu.Unlock()
		reply := s.reply(line, verb)
		inData = verb == "DATA" && strings.HasPrefix(reply, "354")
		if !s.say(conn, reply) {
			return
		}
	}
	s.gone <- struct{}{}
}

// reply looks for a reply to the whole line first, then for one to this verb when it came before: "second MAIL" for the
// second one over all connections, "later MAIL" for every one but the first.
func (s *scripted) reply(line, verb string) string {
	count := 0
	for _, told := range s.log() {
		if strings.HasPrefix(strings.ToUpper(told), verb) {
			count++
		}
	}
	for _, key := range []string{line, map[bool]string{true: "first " + verb}[count == 1], map[bool]string{true: "second " + verb}[count == 2], map[bool]string{true: "later " + verb}[count > 1]} {
		if reply, ok := s.script[key]; ok {
			return reply
		}
	}
	return s.script.answer(verb)
}

// say returns false when the conversation is over.
func (s *scripted) say(conn net.Conn, reply string) bool {
	switch reply {
	case hang:
		return false
	case hangUp:
		_ = conn.Close()
		return false
	}
	reply, deaf := strings.CutSuffix(reply, thenDeaf)
	_, err := conn.Write([]byte(reply + "\r\n"))
	return err == nil && !deaf
}

// told says whether a command with this prefix came in.
func (s *scripted) told(prefix string) bool {
	return slices.ContainsFunc(s.log(), func(line string) bool { return strings.HasPrefix(line, prefix) })
}

// opened says how many connections there were.
func (s *scripted) opened() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// verbs returns the first words of what was told, over all connections.
func (s *scripted) verbs() string {
	var verbs []string
	for _, line := range s.log() {
		verb, _, _ := strings.Cut(line, " ")
		verbs = append(verbs, verb)
	}
	return strings.Join(verbs, " ")
}

func (s *scripted) log() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.commands)
}
