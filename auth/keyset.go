package auth

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/MicahParks/jwkset"
	"golang.org/x/sync/singleflight"
)

const (
	// refreshEvery is how often the keys are fetched while all is well ("signing key rollover": hourly in the
	// background).
	refreshEvery = time.Hour
	// retryFirst and retryMost bound the back-off while the key endpoint fails.
	retryFirst = time.Second
	retryMost  = 5 * time.Minute
	// forcedEvery is how often an unknown key id may make us fetch once a good set exists: a flood of invented ids must
	// not hammer the endpoint, and a real roll-over waits no longer than this.
	forcedEvery = 10 * time.Second
	// outageMost is how long the last good set serves while the endpoint is down ("signing key rollover": cache for 24
	// hours). Beyond it a withdrawn key could live for ever behind a broken network.
	outageMost = 24 * time.Hour
)

// keySet is the signing keys of one tenant. It is keyfunc's storage with what keyfunc's own lacks: one fetch at a time
// for all who wait, a limit on fetches that strangers cause, and no empty answer in the place of a good set. (With
// keyfunc's defaults 19 of 20 first calls are refused, and one answer without keys locks everybody out.)
type keySet struct {
	*jwkset.MemoryJWKSet

	source fetcher
	flight singleflight.Group

	mu        sync.Mutex
	current   fetched
	fetchedAt time.Time // of the current set; zero before the first
	forcedAt  time.Time // of the last fetch that a call caused
	lastErr   error     // of the last fetch
}

// fetched is one good answer: at least one key.
type fetched struct {
	issuer     string
	keys       []jwkset.JWK
	keyIssuers map[string]string // by key id, where the key has one
}

// fetcher gets the current keys. Its error never quotes what was received.
type fetcher interface {
	fetch(ctx context.Context) (fetched, error)
}

func newKeySet(source fetcher) *keySet {
	return &keySet{MemoryJWKSet: jwkset.NewMemoryStorage(), source: source}
}

// KeyRead finds the key that a token names. It is called by keyfunc for each token. An unknown id makes it ask the
// endpoint, once for all who wait; the error is jwkset.ErrKeyNotFound where the id is not the tenant's, and
// ErrKeysUnavailable where that could not be found out.
func (s *keySet) KeyRead(ctx context.Context, keyID string) (jwkset.JWK, error) {
	if s.usable(time.Now()) {
		key, err := s.MemoryJWKSet.KeyRead(ctx, keyID)
		if err == nil {
			return key, nil
		}
	}
	if err := s.refreshFor(ctx); err != nil {
		return jwkset.JWK{}, err
	}
	return s.MemoryJWKSet.KeyRead(ctx, keyID)
}

// refreshFor fetches on behalf of a call, unless another call's fetch just told all there is to know. The fetch outlives
// the call: others wait for it too.
func (s *keySet) refreshFor(ctx context.Context) error {
	if known, err := s.justForced(time.Now()); known {
		return err
	}
	result := s.flight.DoChan("", func() (any, error) {
		defer s.setForced()
		return nil, s.refresh(context.WithoutCancel(ctx))
	})
	select {
	case r := <-result:
		return r.Err
	case <-ctx.Done():
		return &keysError{errors.New("the call's time ended before they came")}
	}
}

// justForced says whether the last fetch that a call caused is recent enough to stand for another one. Before the first
// good set nothing is: each call may try, because without keys none can be served. The background's fetches do not count,
// so that a key that is rolled right after one of them is found at its first use.
func (s *keySet) justForced(now time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fetchedAt.IsZero() || now.Sub(s.fetchedAt) > outageMost {
		return false, nil
	}
	return now.Sub(s.forcedAt) < forcedEvery, s.lastErr
}

func (s *keySet) setForced() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forcedAt = time.Now()
}

// refresh fetches the keys and replaces the set. It must run inside the flight.
func (s *keySet) refresh(ctx context.Context) error {
	got, err := s.source.fetch(ctx)
	if err != nil {
		err = &keysError{err}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastErr = err
	if err != nil {
		return err
	}
	s.current = got
	s.fetchedAt = time.Now()
	return s.KeyReplaceAll(ctx, got.keys)
}

// run keeps the set fresh until ctx is done, and tells of each fetch of its own that fails.
func (s *keySet) run(ctx context.Context, failed func(error)) {
	retry := retryFirst
	for {
		_, err, _ := s.flight.Do("", func() (any, error) { return nil, s.refresh(ctx) })
		pause := refreshEvery
		if err != nil {
			if ctx.Err() == nil { // a fetch that our own end cut off is no failure
				failed(err)
			}
			pause = retry
			retry = min(2*retry, retryMost)
		} else {
			retry = retryFirst
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
}

// usable says whether there is a set and it is not too old to trust.
func (s *keySet) usable(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.fetchedAt.IsZero() && now.Sub(s.fetchedAt) <= outageMost
}

// lastFetch is when the current set was fetched; zero before the first.
func (s *keySet) lastFetch() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fetchedAt
}

// issuer is what the metadata named; "" before the first good fetch.
func (s *keySet) issuer() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current.issuer
}

// keyIssuerAccepts enforces a key's own issuer where it has one: exactly that issuer, or the template with the tenant
// in place of {tenantid} ("access tokens": validate the signing key's issuer). Without it a key that Entra publishes for
// another tenant in the same document could vouch for ours.
func (s *keySet) keyIssuerAccepts(keyID, tenantID, issuer string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	want, present := s.current.keyIssuers[keyID]
	return !present || strings.ReplaceAll(want, "{tenantid}", tenantID) == issuer
}
