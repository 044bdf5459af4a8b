package devtenant

import (
	"crypto/rand"
	"encoding/hex"
)

// newGUID returns a random GUID (RFC 9562, version 4) in the lower-case form that Entra writes.
func newGUID() string {
	var octets [16]byte
	_, _ = rand.Read(octets[:]) // never fails: see crypto/rand
	octets[6] = octets[6]&0x0f | 0x40
	octets[8] = octets[8]&0x3f | 0x80
	digits := hex.EncodeToString(octets[:])
	return digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:]
}
