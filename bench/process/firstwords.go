package process

import (
	"io"
	"sync"
)

// FirstWords passes on the first limit bytes and swallows the rest: a program that complains of every call must not bury
// what it complained of first.
func FirstWords(to io.Writer, limit int) io.Writer { return &firstWords{to: to, left: limit} }

type firstWords struct {
	to io.Writer

	mu   sync.Mutex
	left int
}

// Write implements [io.Writer]. It takes everything.
func (f *firstWords) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := min(len(p), f.left); n > 0 {
		f.left -= n
		if _, err := f.to.Write(p[:n]); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}
