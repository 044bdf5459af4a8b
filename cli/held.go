package cli

import (
	"bytes"
	"io"
	"sync"
)

// heldWriter keeps what is written until it is released, so that the webhook's log does not run through the tour.
type heldWriter struct {
	mu       sync.Mutex
	out      io.Writer
	held     bytes.Buffer
	released bool
}

// Write holds p back, or passes it on after the release.
func (w *heldWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.released {
		return w.held.Write(p)
	}
	return w.out.Write(p)
}

// release writes what was held and lets the rest through.
func (w *heldWriter) release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.released = true
	_, _ = w.held.WriteTo(w.out) // to the terminal
}
