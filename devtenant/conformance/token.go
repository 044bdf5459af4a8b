package conformance

import (
	"context"
	"encoding/base64"
	"time"

	"byoe/devtenant"
)

// offTime is how far a token is out of its time: beyond the five minutes that libraries allow for clocks.
const offTime = 10 * time.Minute

// Identifiers of others than the tenant and Entra's caller. Nobody has them.
const (
	otherApp    = "0b5d3c5e-5f0e-4d36-8f3c-7d5a1c9e2b41"
	otherTenant = "6f1d2f0e-93b4-4a5c-8e57-2c1b0a9d8e7f"
)

// badToken is a check of something that must not be let in.
type badToken struct {
	id, title, remedy string
	// make returns the values of Authorization that have to be refused.
	make func(ctx context.Context, t *devtenant.Tenant) ([]string, error)
}

// tokenChecks: the token is all that keeps strangers from sending mail in the owner's name.
func tokenChecks() []check {
	checks := []check{{id: "token.genuine", title: "a genuine token is accepted", run: checkGenuine}}
	for _, bad := range badTokens() {
		checks = append(checks, check{id: bad.id, title: bad.title, run: bad.check})
	}
	return checks
}

func checkGenuine(_ context.Context, r *run) finding {
	b := r.base
	switch {
	case isRefusedCaller(b.last.Status):
		return failed("Compare the webhook's tenant, audience, issuer and caller with the token's claims, and see that it reads the keys of this tenant: "+
			"tenant and audience are in the settings that the tenant prints, the authority is "+r.tenant.Authority(), "the webhook answered %d", b.last.Status)
	case b.accepted:
		return passed("the webhook answered 200")
	default:
		return skipped("What the webhook says does not come from the token; see event.documented", "neither accepted nor refused")
	}
}

func (b badToken) check(ctx context.Context, r *run) finding {
	values, err := b.make(ctx, r.tenant)
	if err != nil {
		return unplayable(err)
	}
	var variants []func() finding
	for _, value := range values {
		variants = append(variants, func() finding { return r.refusedCaller(ctx, value, b.remedy) })
	}
	return worst(variants...)
}

// refusedCaller sends the documented event with that Authorization and wants it refused.
func (r *run) refusedCaller(ctx context.Context, authorization, remedy string) finding {
	who := r.people.next()
	body, err := r.event(who)
	if err != nil {
		return unplayable(err)
	}
	return r.refused(ctx, who.To, request{authorization: authorization, body: body}, clientRefusal, remedy)
}

func badTokens() []badToken {
	return append(badSchemes(), append(badSignatures(), badClaims()...)...)
}

func badSchemes() []badToken {
	const remedy = "Refuse every call without a bearer token: a front door such as Easy Auth may be switched off one day"
	return []badToken{
		{"token.none", "a call without a token is refused", remedy, fixed("")},
		{"token.garbage", "a bearer token that is none is refused", remedy, fixed("Bearer not-a-token", "Bearer a.b.c", "Bearer ")},
		{"token.scheme", "another scheme than Bearer is refused", remedy, fixed("Basic " + base64.StdEncoding.EncodeToString([]byte("entra:entra")))},
	}
}

func badSignatures() []badToken {
	return []badToken{
		{
			"token.alg-none", "a token without a signature is refused",
			"Allow RS256 alone. A library that lets the token choose takes alg none as well", withoutSignature,
		},
		{
			"token.hs256", "a token signed with the public key as a password is refused",
			"Allow RS256 alone. A library that lets the token choose takes the public key, which everybody knows, for an HMAC secret", withPublicKey,
		},
		{
			"token.forged", "a token that a stranger signed is refused",
			"Verify the signature with the key that the tenant publishes under the token's kid; to decode a token is not to verify it", minted(devtenant.Forged()),
		},
		{
			"token.unknown-key", "a token of a key that the tenant does not publish is refused",
			"Where the kid is not published, even after reading the keys again, refuse the token", minted(devtenant.Forged(), devtenant.WithHeader("kid", "nobodys-key")),
		},
	}
}

func badClaims() []badToken {
	const caller = "Compare azp with Entra's caller, " + devtenant.CallerAppID + ": without that every application of the tenant can send codes"
	now := time.Now()
	return []badToken{
		{
			"token.expired", "a token that expired ten minutes ago is refused", "Check exp, with no more than five minutes for clocks",
			minted(at("iat", now.Add(-offTime-time.Hour)), at("nbf", now.Add(-offTime-time.Hour)), at("exp", now.Add(-offTime))),
		},
		{
			"token.early", "a token that is valid in ten minutes is refused", "Check nbf, with no more than five minutes for clocks",
			minted(at("iat", now.Add(offTime)), at("nbf", now.Add(offTime)), at("exp", now.Add(offTime+time.Hour))),
		},
		{
			"token.audience", "a token for another application is refused",
			"Compare aud with the client id of the app registration that protects the webhook: otherwise a token that another API got can be used again here",
			minted(devtenant.With("aud", otherApp)),
		},
		{
			"token.issuer", "a token of another issuer is refused", "Compare iss with the tenant's own issuer, as its metadata has it",
			minted(devtenant.With("iss", "https://"+otherTenant+".ciamlogin.com/"+otherTenant+"/v2.0")),
		},
		{"token.caller", "a token of another application of the tenant is refused", caller, minted(devtenant.With("azp", otherApp))},
		{"token.no-caller", "a token that does not say who calls is refused", caller, minted(devtenant.Without("azp"))},
		{
			"token.tenant", "a token of another tenant is refused", "Compare tid with the tenant's id: keys may be shared between tenants",
			minted(devtenant.With("tid", otherTenant)),
		},
		{
			"token.v1", "a v1.0 token of another application is refused", caller + "; v1.0 tokens have it in appid",
			minted(devtenant.With("ver", "1.0"), devtenant.Without("azp"), devtenant.Without("azpacr"), devtenant.With("appid", otherApp), devtenant.With("appidacr", "2")),
		},
	}
}

// at sets a claim to a time.
func at(claim string, when time.Time) devtenant.TokenOption {
	return devtenant.With(claim, when.Unix())
}

func fixed(values ...string) func(context.Context, *devtenant.Tenant) ([]string, error) {
	return func(context.Context, *devtenant.Tenant) ([]string, error) { return values, nil }
}

func minted(options ...devtenant.TokenOption) func(context.Context, *devtenant.Tenant) ([]string, error) {
	return func(_ context.Context, t *devtenant.Tenant) ([]string, error) {
		token, err := t.Token(options...)
		return []string{"Bearer " + token}, err
	}
}
