package smtp

import (
	"bufio"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"byoe/providers/providertest"
)

// keptServer takes everything and counts the commands.
type keptServer struct {
	mu       sync.Mutex
	commands map[string]int
}

func (s *keptServer) start(t *testing.T) (port int) {
	t.Helper()
	s.commands = map[string]int{}
	_, text, err := net.SplitHostPort(providertest.Listen(t, s.serve))
	if err != nil {
		t.Fatal(err)
	}
	port, err = strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func (s *keptServer) serve(conn net.Conn) {
	_, _ = conn.Write([]byte("220 kept.test\r\n"))
	lines := bufio.NewScanner(conn)
	inData := false
	for lines.Scan() {
		if inData && lines.Text() != "." {
			continue
		}
		verb, _, _ := strings.Cut(lines.Text(), " ")
		s.mu.Lock()
		s.commands[verb]++
		s.mu.Unlock()
		reply := "250 2.0.0 ok"
		if inData = verb == "DATA"; inData {
			reply = "354 go ahead"
		}
		_, _ = conn.Write([]byte(reply + "\r\n"))
	}
}

func (s *keptServer) count(verb string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.commands[verb]
}

func (s *keptServer) waitFor(t *testing.T, verb string) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); s.count(verb) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no %s", verb)
		}
	}
}
