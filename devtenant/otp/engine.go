// Package otp makes and verifies one-time codes as the one-time-password technical profile of an Azure AD B2C custom
// policy does (learn.microsoft.com, "Define a one-time password technical profile in an Azure AD B2C custom policy"),
// with the same knobs and the same outcomes. The local tenant uses it; in production the codes are Entra's.
//
// A code belongs to an identifier, to which it was sent, and to the browser session that asked for it. One identifier
// has one code: a session that asks anew puts its code in place of another session's. The sessions matter for two
// things that pull in opposite directions:
//
//   - Nobody gets more tries by opening more sessions. Tries are counted at the code and lock-outs at the identifier, so
//     that between two quiet times an identifier sees at most RetryAttempts × CodeGenerationAttempts guesses, over all
//     sessions together. [Profile.Validate] refuses a profile in which these would be a fair share of all codes.
//   - Nobody spends somebody else's tries. Only the session that asked for a code may try it; what another session enters
//     is not even compared. A session whose code was replaced is told so; one that never asked learns nothing, not even
//     whether a code is out.
//
// What is left to somebody who knows an address is to ask for codes until the identifier has had them all, or to ask for
// one and to spend its tries. Both keep the owner out until the time has passed: limits that belong to an identifier, as
// B2C's do, can be used up by others.
package otp

import (
	"container/list"
	"crypto/sha256"
	"crypto/subtle"
	"sync"
	"time"

	"byoe/redact"
)

// maxIdentifiers is how many identifiers are held at once; each costs about 300 bytes, and 32 for a session replaced.
const maxIdentifiers = 100_000

// digest stands for an identifier, a session or a code: what others send costs the same memory however long it is, and
// two of a length can be compared in constant time.
type digest = [sha256.Size]byte

// Engine generates and verifies the codes of one [Profile]. Its methods may be called by many goroutines at once. It
// starts none itself and reads the time from [time.Now].
type Engine struct {
	profile    Profile
	characters string
	limit      int
	same       func(a, b digest) bool // a field so that a test can count the comparisons

	mu      sync.Mutex
	records map[digest]*record // by identifier
	order   list.List          // of *record, the one to be forgotten next in front
}

// New returns an engine without codes. What it refuses is [config.Problems].
func New(p Profile) (*Engine, error) {
	problems := p.Validate()
	if len(problems) > 0 {
		return nil, problems
	}
	characters, _ := parseCharacterSet(p.CharacterSet)
	return &Engine{
		profile:    p,
		characters: characters,
		limit:      maxIdentifiers,
		same:       func(a, b digest) bool { return subtle.ConstantTimeCompare(a[:], b[:]) == 1 },
		records:    map[digest]*record{},
	}, nil
}

// Generate gives a code for the identifier to the session, a value that only this browser knows. The code is to be sent
// to the identifier and shown to nobody. Every outcome but [Generated] comes with the empty code. Without a session or an
// identifier there is nothing that a code could belong to: the outcome is [SessionDoesNotExist].
//
// When the engine is full, new identifiers are refused with [MaxNumberOfCodeGenerated] until others expire. Making room
// would be worse: whoever fills the engine would have lock-outs and counts forgotten, and could guess on.
func (e *Engine) Generate(session, identifier string) (redact.Secret, Outcome) {
	if session == "" || identifier == "" {
		return redact.Secret{}, SessionDoesNotExist // everybody without a session would share one
	}
	key, asking := identifierDigest(identifier), sha256.Sum256([]byte(session))
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	e.forgetExpired(now)
	r := e.records[key]
	switch {
	case r == nil && len(e.records) >= e.limit:
		return redact.Secret{}, MaxNumberOfCodeGenerated
	case r == nil:
		r = e.add(key)
	case r.locked():
		return redact.Secret{}, MaxRetryAttempted
	case r.given >= e.profile.CodeGenerationAttempts:
		return redact.Secret{}, MaxNumberOfCodeGenerated
	}
	// B2C's text on a second session is about codes that are replaced: a code is never given to two sessions.
	if !e.profile.ReuseSameCode || r.given == 0 || r.session != asking {
		r.replace(asking, draw(e.characters, e.profile.CodeLength), e.profile.RetryAttempts)
	}
	r.given++
	e.extend(r, now)
	return r.code(), Generated
}

// Verify says whether the code is the one that the session last got for the identifier. It does so once: a code that was
// verified is gone, and with it all counts of the identifier, whose owner has just shown to read what is sent to it.
//
// The code is taken as it stands. White space that came with it from a mail is the caller's to take off.
func (e *Engine) Verify(session, identifier, code string) Outcome {
	key, asking := identifierDigest(identifier), sha256.Sum256([]byte(session))
	entered := sha256.Sum256([]byte(code)) // of whatever length, and before the lock is taken
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	e.forgetExpired(now)
	r := e.records[key]
	switch {
	case r == nil:
		return SessionDoesNotExist
	case r.wasReplaced(asking):
		return SessionConflict
	case r.session != asking:
		return SessionDoesNotExist
	case r.locked():
		return MaxRetryAttempted
	}
	r.left-- // before the comparison: a try that is not paid for must not be possible
	if e.same(entered, sha256.Sum256([]byte(r.code().Reveal()))) {
		e.remove(r)
		return Verified
	}
	if r.left > 0 {
		return VerificationFailedRetryAllowed
	}
	// The lock-out lasts from here on. Were it over with the code, a guess in the code's last second would cost nothing.
	e.extend(r, now)
	return InvalidCode
}

// identifierDigest makes identifiers that differ in the case of ASCII letters one. Other letters are left alone: Unicode
// would take the Kelvin sign for a k, and a code that was sent to the one address would open the account of the other.
func identifierDigest(identifier string) digest {
	folded := []byte(identifier)
	for i, octet := range folded {
		if 'A' <= octet && octet <= 'Z' {
			folded[i] = octet + ('a' - 'A')
		}
	}
	return sha256.Sum256(folded)
}
