package devtenant

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // RFC 7517, section 4.8 defines x5t as a SHA-1 thumbprint; nothing is secured by it
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"time"
)

const (
	keyBits      = 2048
	keyValidity  = 5 * 365 * 24 * time.Hour
	clockLeeway  = 24 * time.Hour
	serialBits   = 128
	keyAlgorithm = "RS256"
)

// signingKey is one RSA key and what is published of it.
type signingKey struct {
	private *rsa.PrivateKey
	public  publicKey
}

// publicKey is a key in the form in which Entra publishes it: RFC 7517 with the certificate, and Microsoft's own issuer.
type publicKey struct {
	KeyType     string   `json:"kty"`
	Use         string   `json:"use"`
	ID          string   `json:"kid"`
	Thumbprint  string   `json:"x5t"`
	Modulus     string   `json:"n"`
	Exponent    string   `json:"e"`
	Certificate []string `json:"x5c"`
	Issuer      string   `json:"issuer"`
}

// keyRing holds the keys that are published; it signs with the newest.
type keyRing struct {
	mu   sync.Mutex
	keys []*signingKey // newest last
}

func newKeyRing() (*keyRing, error) {
	ring := &keyRing{}
	err := ring.roll()
	if err != nil {
		return nil, err
	}
	return ring, nil
}

// roll adds a key, made before the lock is taken: making one takes a good part of a second on a slow machine.
func (r *keyRing) roll() error {
	key, err := newSigningKey()
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = append(r.keys, key)
	return nil
}

func (r *keyRing) withdrawOld() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = slices.Clone(r.keys[len(r.keys)-1:])
}

// current returns the key to sign with.
func (r *keyRing) current() *signingKey {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.keys[len(r.keys)-1]
}

// published returns every key's public half, as keys of that issuer.
func (r *keyRing) published(issuer string) []publicKey {
	r.mu.Lock()
	defer r.mu.Unlock()
	published := make([]publicKey, len(r.keys))
	for i, key := range r.keys {
		published[i] = key.public
		published[i].Issuer = issuer
	}
	return published
}

// newSigningKey makes a key and signs a certificate with it. Like Entra's, its id is the certificate's thumbprint.
func newSigningKey() (*signingKey, error) {
	private, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, fmt.Errorf("making a signing key: %w", err)
	}
	certificate, err := selfSign(private)
	if err != nil {
		return nil, fmt.Errorf("certifying a signing key: %w", err)
	}
	thumbprint := sha1.Sum(certificate) //nolint:gosec // see the import
	id := base64.RawURLEncoding.EncodeToString(thumbprint[:])
	return &signingKey{private: private, public: publicKey{
		KeyType:     "RSA",
		Use:         "sig",
		ID:          id,
		Thumbprint:  id,
		Modulus:     base64.RawURLEncoding.EncodeToString(private.N.Bytes()),
		Exponent:    base64.RawURLEncoding.EncodeToString(big.NewInt(int64(private.E)).Bytes()),
		Certificate: []string{base64.StdEncoding.EncodeToString(certificate)},
	}}, nil
}

// selfSign returns a certificate in DER. Nobody checks it; it is there because Entra publishes one.
func selfSign(private *rsa.PrivateKey) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), serialBits))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "local tenant, for development only"},
		NotBefore:    time.Now().Add(-clockLeeway),
		NotAfter:     time.Now().Add(keyValidity),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
	return x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
}
