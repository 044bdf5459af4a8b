package auth

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

// Verifier turns bearer tokens into callers. It is safe for concurrent use.
type Verifier struct {
	tenants      map[string]*tenant
	parser       *jwt.Parser
	callers      []string
	extraIssuers []string
	acceptV1     bool
	made         time.Time
}

// tenant is one tenant that may call, with its keys.
type tenant struct {
	id       string
	audience string
	issuers  []string
	keys     *keySet
	keyfunc  keyfunc.Keyfunc
}

// New builds a verifier out of valid settings (see [Config.Validate]). Nothing is fetched before [Verifier.Run]. The
// transport reaches the metadata and the keys; nil means Go's default one.
func New(c Config, transport http.RoundTripper) (*Verifier, error) {
	v := &Verifier{
		tenants:      make(map[string]*tenant, len(c.TenantIDs)),
		parser:       jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithStrictDecoding(), jwt.WithoutClaimsValidation()),
		callers:      append([]string{c.CallerAppID}, c.MoreCallers...),
		extraIssuers: c.Issuers,
		acceptV1:     c.AcceptV1,
		made:         time.Now(),
	}
	for i := range c.TenantIDs {
		t, err := newTenant(c, i, transport)
		if err != nil {
			return nil, err
		}
		v.tenants[t.id] = t
	}
	return v, nil
}

// newTenant makes the tenant at position i of the settings.
func newTenant(c Config, i int, transport http.RoundTripper) (*tenant, error) {
	id := strings.ToLower(c.TenantIDs[i])
	keys := newKeySet(newDiscovery(strings.ReplaceAll(c.Authority, tenantPlaceholder, id), transport))
	// Only keys for signatures, or for whatever they are good for (RFC 7517, section 4.2: use is optional): a key that
	// Entra publishes for encryption must not vouch for a token.
	uses := []jwkset.USE{jwkset.UseSig, ""}
	kf, err := keyfunc.New(keyfunc.Options{Ctx: context.Background(), Storage: keys, UseWhitelist: uses})
	if err != nil {
		return nil, err
	}
	return &tenant{id: id, audience: c.audience(i), issuers: knownIssuers(id, c.AcceptV1), keys: keys, keyfunc: kf}, nil
}

// Run fetches every tenant's keys at once and then hourly, until ctx is done. Calls that come before the first fetch has
// ended wait for it. Each fetch that fails is told to failed, from several goroutines: the last good keys serve for a day, in
// which nobody would notice.
func (v *Verifier) Run(ctx context.Context, failed func(KeyFailure)) {
	var wg sync.WaitGroup
	for _, t := range v.tenants {
		wg.Go(func() {
			t.keys.run(ctx, func(err error) { failed(KeyFailure{TenantID: t.id, Age: v.keyAge(t), Err: err}) })
		})
	}
	wg.Wait()
}

// KeyFailure says that a tenant's keys could not be fetched.
type KeyFailure struct {
	TenantID string
	// Age is the time since they were fetched, as [Verifier.KeyAge] counts it.
	Age time.Duration
	// Err wraps [ErrKeysUnavailable]; its text is fit for a log.
	Err error
}

// Ready says whether every tenant's keys are at hand.
func (v *Verifier) Ready() bool {
	for _, t := range v.tenants {
		if !t.keys.usable(time.Now()) {
			return false
		}
	}
	return true
}

// KeyAge is the time since the keys were fetched, of the tenant whose keys are the oldest; where they never were, since the
// verifier was made. They are fetched hourly: an age of hours means that the fetching fails.
func (v *Verifier) KeyAge() time.Duration {
	var oldest time.Duration
	for _, t := range v.tenants {
		oldest = max(oldest, v.keyAge(t))
	}
	return oldest
}

func (v *Verifier) keyAge(t *tenant) time.Duration {
	return time.Since(cmp.Or(t.keys.lastFetch(), v.made))
}

// Verify checks the values of a request's Authorization header. It returns a [*Refusal] where the token is not Entra's
// call to us, and an error that wraps [ErrKeysUnavailable] where the keys cannot be had before ctx is done; nothing
// else.
func (v *Verifier) Verify(ctx context.Context, authorization []string) (Caller, error) {
	raw, refusal := bearer(authorization)
	if refusal != nil {
		return Caller{}, refusal
	}
	kid, refusal := checkHeader(raw)
	if refusal != nil {
		return Caller{}, refusal
	}
	var (
		claims claimSet
		t      *tenant
	)
	_, err := v.parser.ParseWithClaims(raw, &claims, func(token *jwt.Token) (any, error) {
		if t = v.tenants[strings.ToLower(claims.tenantID)]; t == nil {
			return nil, refuse(CheckTenant)
		}
		return t.keyfunc.KeyfuncCtx(ctx)(token)
	})
	if unavailable, ok := errors.AsType[*keysError](err); ok { // without the library's words around it
		return Caller{}, unavailable
	}
	if refusal = refusalOf(err); refusal == nil {
		refusal = v.checkSigned(kid, &claims, t)
	}
	if refusal != nil {
		return Caller{}, refusal.explain(kid, &claims, t)
	}
	return Caller{TenantID: t.id, AppID: strings.ToLower(claims.caller())}, nil
}

// checkSigned makes the checks that come after the signature.
func (v *Verifier) checkSigned(kid string, c *claimSet, t *tenant) *Refusal {
	if !t.keys.keyIssuerAccepts(kid, t.id, c.issuer) {
		return refuse(CheckKeyIssuer)
	}
	return v.checkClaims(c, t, time.Now())
}

// refusalOf names the check behind an error of the library. Whatever is wrong with a token is the caller's fault, also
// where the library calls it unverifiable.
func refusalOf(err error) *Refusal {
	if err == nil {
		return nil
	}
	if refusal, ok := errors.AsType[*Refusal](err); ok {
		return refusal
	}
	switch {
	case errors.Is(err, jwkset.ErrKeyNotFound), errors.Is(err, keyfunc.ErrKeyfunc):
		return refuse(CheckKey)
	case errors.Is(err, jwt.ErrTokenMalformed):
		return refuse(CheckStructure)
	default:
		return refuse(CheckSignature)
	}
}
