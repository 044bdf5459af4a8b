package conformance_test

import (
	"context"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"byoe/devtenant"
)

// tokens checks bearer tokens with a library and the tenant's published keys. Each flag takes one check away.
type tokens struct {
	tenant *devtenant.Tenant

	acceptsAny, ignoresCaller, ignoresAudience, ignoresExpiry, forgetsKeys bool

	mu   sync.Mutex
	keys map[string]*rsa.PublicKey
}

func newTokens(tenant *devtenant.Tenant) *tokens {
	return &tokens{tenant: tenant, keys: map[string]*rsa.PublicKey{}}
}

var errRefused = errors.New("refused")

func (k *tokens) verify(ctx context.Context, authorization string) error {
	token, isBearer := strings.CutPrefix(authorization, "Bearer ")
	if k.acceptsAny {
		return nil
	}
	if !isBearer {
		return errRefused
	}
	options := []jwt.ParserOption{jwt.WithValidMethods([]string{"RS256"}), jwt.WithoutClaimsValidation()}
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		return k.key(ctx, kid)
	}, options...)
	if err != nil {
		return err
	}
	validator := jwt.NewValidator(jwt.WithIssuer(k.tenant.Authority()))
	if k.ignoresExpiry {
		delete(claims, "exp")
	}
	err = validator.Validate(claims)
	if err != nil {
		return err
	}
	audience, _ := claims.GetAudience()
	switch {
	case !k.ignoresAudience && !slices.Contains(audience, devtenant.Audience),
		!k.ignoresCaller && claims["azp"] != devtenant.CallerAppID,
		claims["tid"] != devtenant.TenantID:
		return errRefused
	}
	return nil
}

// key returns a published key. One that is not known has the keys read again; what cannot be read changes nothing.
func (k *tokens) key(ctx context.Context, kid string) (*rsa.PublicKey, error) {
	k.mu.Lock()
	known, ok := k.keys[kid]
	k.mu.Unlock()
	if ok {
		return known, nil
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	read, err := k.read(ctx)
	if err != nil && !k.forgetsKeys {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys = read
	if known, ok = read[kid]; ok {
		return known, nil
	}
	return nil, errRefused
}

func (k *tokens) read(ctx context.Context) (map[string]*rsa.PublicKey, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(k.tenant.Authority(), "/v2.0")+"/discovery/v2.0/keys", nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	var set struct {
		Keys []struct{ Kid, N, E string }
	}
	err = json.NewDecoder(response.Body).Decode(&set)
	if err == nil && len(set.Keys) == 0 {
		err = errors.New("no keys")
	}
	if err != nil {
		return nil, err
	}
	keys := map[string]*rsa.PublicKey{}
	for _, key := range set.Keys {
		n, _ := base64.RawURLEncoding.DecodeString(key.N)
		e, _ := base64.RawURLEncoding.DecodeString(key.E)
		keys[key.Kid] = &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
	}
	return keys, nil
}
