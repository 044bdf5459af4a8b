package standin

import (
	"bytes"
	"strings"
	"sync"
)

// Level is the severity that the host gives a line.
type Level int

// The levels, lowest first.
const (
	Information Level = iota
	Warning
	Error
)

// String returns the level's word.
func (l Level) String() string {
	return [...]string{"information", "warning", "error"}[l]
}

// Line is one record in the host's log: what the handler wrote, or what the host has to say.
type Line struct {
	Level Level
	Text  string
}

// classify is the host's judgement of a line on stderr: what is not a warning is an error, whatever it says, unless
// host.json turns that rule off.
func classify(text string, stderrForErrorsOnly bool) Level {
	folded := strings.ToLower(text)
	if strings.Contains(folded, "warn") {
		return Warning
	}
	if stderrForErrorsOnly {
		return Error
	}
	for _, word := range []string{"error", "fail", "severe", "unhandled exception"} {
		if strings.Contains(folded, word) {
			return Error
		}
	}
	return Information
}

// console collects what host and handler say.
type console struct {
	mu    sync.Mutex
	lines []Line
}

func (c *console) add(line Line) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines = append(c.lines, line)
}

func (c *console) all() []Line {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Line(nil), c.lines...)
}

// stream is one of the handler's two outputs, split into lines.
type stream struct {
	level   func(text string) Level
	console *console
	mu      sync.Mutex
	pending []byte
}

func (c *console) stdout() *stream {
	return &stream{console: c, level: func(string) Level { return Information }}
}

func (c *console) stderr(errorsOnly bool) *stream {
	return &stream{console: c, level: func(text string) Level { return classify(text, errorsOnly) }}
}

// Write takes what the handler wrote.
func (s *stream) Write(output []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending = append(s.pending, output...)
	for {
		line, rest, complete := bytes.Cut(s.pending, []byte("\n"))
		if !complete {
			return len(output), nil
		}
		s.emit(line)
		s.pending = rest
	}
}

// flush gives out a last line that has no end.
func (s *stream) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pending) > 0 {
		s.emit(s.pending)
		s.pending = nil
	}
}

// emit sorts one line. The two prefixes are the host's channels for its workers and its tools; neither shows as the
// handler's output.
func (s *stream) emit(line []byte) {
	text := strings.TrimSuffix(string(line), "\r")
	if rest, found := strings.CutPrefix(text, "LanguageWorkerConsoleLog"); found {
		s.console.add(Line{Level: Information, Text: rest})
		return
	}
	if strings.HasPrefix(text, "azfuncjsonlog:") || text == "" {
		return
	}
	s.console.add(Line{Level: s.level(text), Text: text})
}
