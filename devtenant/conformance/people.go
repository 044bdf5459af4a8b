package conformance

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"
	"sync/atomic"

	"byoe/devtenant"
	"byoe/redact"
)

// people are those who sign in. Each has an address that nobody had before, so that no check meets the memory that another
// one left in the webhook: events that it knows already, or how much an address has had.
type people struct {
	family string
	last   atomic.Int64
}

func newPeople() *people { return &people{family: strings.ToLower(rand.Text()[:8])} }

// next is somebody new with a new code of eight digits.
func (p *people) next() devtenant.SignIn {
	to := fmt.Sprintf("check-%s-%d@example.com", p.family, p.last.Add(1))
	return devtenant.SignIn{To: to, Code: digits(8)}
}

// digits makes a code. It is written with zeros in front, as codes are.
func digits(n int) redact.Secret {
	space := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
	code, err := rand.Int(rand.Reader, space)
	if err != nil {
		panic(err) // never fails: see crypto/rand
	}
	return redact.NewSecret(fmt.Sprintf("%0*d", n, code))
}
