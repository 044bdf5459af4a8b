package auth_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
)

// BenchmarkVerify is a whole check of a genuine token with warm keys. Compare with BenchmarkBareRSA in one run: what is
// above it is what byoe adds.
func BenchmarkVerify(b *testing.B) {
	v := newVerifier(b, newEndpoint(), nil)
	header := bearer(sign(b, nil, genuine()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(b.Context(), header); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBareRSA is the least that any check of an RS256 token costs: the hash and the signature.
func BenchmarkBareRSA(b *testing.B) {
	token := sign(b, nil, genuine())
	signed, encoded := token[:strings.LastIndexByte(token, '.')], token[strings.LastIndexByte(token, '.')+1:]
	signature, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		b.Fatal(err)
	}
	key := &rsaKey().PublicKey
	b.ReportAllocs()
	for b.Loop() {
		hash := sha256.Sum256([]byte(signed))
		if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, hash[:], signature); err != nil {
			b.Fatal(err)
		}
	}
}
