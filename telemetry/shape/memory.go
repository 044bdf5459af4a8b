package shape

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"log/slog"
	"strings"
	"sync"
	"time"

	"byoe/delivery"
	"byoe/event"
)

const (
	// againWithin is how soon another call for an address may be a retry; Entra's comes within seconds.
	againWithin = 30 * time.Second
	// maxSeen bounds the addresses that are remembered.
	maxSeen = 1000
)

// memory tells whether a call repeats an earlier one for the same address. It holds hashes under a key that dies with the
// process.
type memory struct {
	key [32]byte

	mu   sync.Mutex
	seen map[digest]sight
}

type digest [sha256.Size]byte

// sight is the last call for an address.
type sight struct {
	at                  time.Time
	code, correlationID digest
}

func newMemory() *memory {
	m := &memory{seen: map[digest]sight{}}
	_, _ = rand.Read(m.key[:]) // crypto/rand never fails: it ends the program first
	return m
}

// compare says what a call has in common with the one before it for the same address; nothing where there was none lately.
func (m *memory) compare(e *event.Event) []slog.Attr {
	address := m.hash(strings.ToLower(e.TenantID), strings.ToLower(e.Identifier.Reveal()))
	now := sight{at: time.Now(), code: m.hash(e.Code.Reveal()), correlationID: m.hash(e.CorrelationID)}
	m.mu.Lock()
	defer m.mu.Unlock()
	before, known := m.seen[address]
	if len(m.seen) >= maxSeen {
		clear(m.seen) // losing a comparison costs nothing
	}
	m.seen[address] = now
	after := now.at.Sub(before.at)
	if !known || after > againWithin {
		return nil
	}
	return []slog.Attr{slog.Group("again",
		slog.Float64("afterMs", delivery.Milliseconds(after)),
		slog.Bool("sameCode", before.code == now.code),
		slog.Bool("sameCorrelationId", before.correlationID == now.correlationID))}
}

// hash puts values that must not be seen beyond reach: eight digits are quickly guessed without the key.
func (m *memory) hash(parts ...string) (d digest) {
	mac := hmac.New(sha256.New, m.key[:])
	for _, part := range parts {
		_, _ = mac.Write([]byte(part + "\x00")) // a hash never fails (hash.Hash)
	}
	copy(d[:], mac.Sum(nil))
	return d
}
