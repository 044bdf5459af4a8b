package delivery

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"byoe/redact"
)

// Key names an event, or an address, without telling it: a keyed hash. Without the key the hash of an eight-digit code is
// quickly guessed.
type Key [16]byte

// String returns the key in hexadecimal, for stores.
func (k Key) String() string { return hex.EncodeToString(k[:]) }

// hashes makes keys under one secret.
type hashes struct {
	secret []byte
}

// newHashes takes the owner's secret, or makes one that lives as long as the process: enough where nothing is shared.
func newHashes(secret redact.Secret) hashes {
	if !secret.IsZero() {
		return hashes{secret: []byte(secret.Reveal())}
	}
	random := make([]byte, sha256.Size)
	_, _ = rand.Read(random) // crypto/rand never fails: it ends the program first
	return hashes{secret: random}
}

// event is the key of what Entra sends once and, when a call timed out, once more.
func (h hashes) event(o Order) Key {
	return h.key("event", strings.ToLower(o.TenantID), normalAddress(o), o.Code.Reveal())
}

// address is the key of a recipient.
func (h hashes) address(o Order) Key {
	return h.key("address", strings.ToLower(o.TenantID), normalAddress(o))
}

// normalAddress makes spellings of one mailbox one: no mail system in use tells letter case in local parts apart.
func normalAddress(o Order) string { return strings.ToLower(strings.TrimSpace(o.Recipient.Reveal())) }

// key hashes its parts with their lengths, so that no two lists of parts are one text.
func (h hashes) key(parts ...string) (k Key) {
	text := make([]byte, 0, 256)
	for _, part := range parts {
		text = strconv.AppendInt(text, int64(len(part)), 10)
		text = append(append(text, ':'), part...)
	}
	mac := hmac.New(sha256.New, h.secret)
	_, _ = mac.Write(text) // a hash never fails (hash.Hash)
	copy(k[:], mac.Sum(text[:0]))
	return k
}
