package delivery

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"time"

	"byoe/message"
	"byoe/providers"
)

// newID makes a UUID of this moment and chance (RFC 9562, version 7). It holds nothing of the event. The moment is in it
// because a vendor's idempotency key may have one (Repeatability-First-Sent), which must be the same on whatever instance
// goes on with the delivery.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[6:]) // crypto/rand never fails: it ends the program first
	var moment [8]byte
	binary.BigEndian.PutUint64(moment[:], uint64(max(0, time.Now().UnixMilli())))
	copy(b[:6], moment[2:])
	b[6] = b[6]&0x0f | 0x70
	b[8] = b[8]&0x3f | 0x80
	return spell(b)
}

// spell writes an id with its four dashes.
func spell(id [16]byte) string {
	text := make([]byte, 0, 36)
	for i, from := range [...]int{0, 4, 6, 8, 10} {
		to := [...]int{4, 6, 8, 10, 16}[i]
		if from > 0 {
			text = append(text, '-')
		}
		text = hex.AppendEncode(text, id[from:to])
	}
	return string(text)
}

// NewSubmission makes a submission of a message that is delivered by nobody: for asking a provider whether it would take it.
func NewSubmission(m *message.Message) providers.Submission {
	id := newID()
	return providers.Submission{ID: id, Began: idTime(id), Message: m}
}

// idTime reads the moment of an id, in whole milliseconds. The zero time stands for an id of another kind, such as one that
// an older version of byoe left in a shared store.
func idTime(id string) time.Time {
	var b [16]byte
	digits := append(make([]byte, 0, 36), id...)
	digits = slices.DeleteFunc(digits, func(c byte) bool { return c == '-' })
	if len(digits) != hex.EncodedLen(len(b)) {
		return time.Time{}
	}
	if _, err := hex.Decode(b[:], digits); err != nil || b[6]>>4 != 7 {
		return time.Time{}
	}
	var moment int64
	for _, octet := range b[:6] {
		moment = moment<<8 | int64(octet)
	}
	return time.UnixMilli(moment)
}
