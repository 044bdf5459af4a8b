package auth

import (
	"encoding/base64"
	"slices"
	"strings"
	"time"
)

// leeway is how far the clocks of Entra and of this machine may differ.
const leeway = 30 * time.Second

// maxKeyID bounds a key id in bytes. Entra's have 27 or 43 characters.
const maxKeyID = 256

// checkHeader makes the checks that need no key, on the token's first part: three parts, strict base64url, RS256 and
// nothing else, no extension that we would have to understand, and a key id. It returns the key id.
//
// The library looks at neither crit nor b64 (RFC 7515, section 4.1.11; RFC 7797), and it reports an unknown algorithm as
// if we lacked a key: both are refused here.
func checkHeader(token string) (kid string, _ *Refusal) {
	head, rest, _ := strings.Cut(token, ".")
	if strings.Count(rest, ".") != 1 || strings.ContainsFunc(token, notInToken) {
		return "", refuse(CheckStructure)
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(head)
	if err != nil {
		return "", refuse(CheckStructure)
	}
	header, err := parseStrict(raw)
	if err != nil {
		return "", refuse(CheckStructure)
	}
	if string(header.get("alg")) != `"RS256"` {
		return "", refuse(CheckAlg)
	}
	if header.get("crit") != nil || header.get("b64") != nil {
		return "", refuse(CheckCritical)
	}
	if kid, err = text(header.get("kid")); err != nil || kid == "" || len(kid) > maxKeyID {
		return "", refuse(CheckKeyID)
	}
	return kid, nil
}

// notInToken refuses what is neither base64url nor a dot. Go's decoder passes over line breaks, in its strict mode too,
// and one token must not have several spellings.
func notInToken(r rune) bool {
	switch {
	case r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
		return false
	default:
		return true
	}
}

// checkClaims makes the checks of a token whose signature is good, in their order.
func (v *Verifier) checkClaims(c *claimSet, t *tenant, now time.Time) *Refusal {
	switch {
	case !v.issuerAccepted(c, t):
		return refuse(CheckIssuer)
	case !audienceAccepted(c.audiences, t.audience):
		return refuse(CheckAudience)
	case !v.mayCall(c.caller()):
		return refuse(CheckCaller)
	case c.version != "2.0" && (c.version != "1.0" || !v.acceptV1):
		return refuse(CheckVersion)
	case c.expiry == nil || !now.Before(c.expiry.Add(leeway)):
		return refuse(CheckExpiry)
	case c.notBefore != nil && now.Before(c.notBefore.Add(-leeway)):
		return refuse(CheckNotBefore)
	case c.issuedAt != nil && now.Before(c.issuedAt.Add(-leeway)):
		return refuse(CheckIssuedAt)
	default:
		return nil
	}
}

// mayCall says whether an application is one of the owner's callers.
func (v *Verifier) mayCall(appID string) bool {
	return slices.ContainsFunc(v.callers, func(caller string) bool { return strings.EqualFold(appID, caller) })
}

// issuerAccepted takes what the tenant's metadata says, the two forms that real tokens have (the documentation shows a
// third one, with the tenant's name as host, which Entra does not send), and what the owner added.
func (v *Verifier) issuerAccepted(c *claimSet, t *tenant) bool {
	switch {
	case slices.Contains(t.issuers, c.issuer), slices.Contains(v.extraIssuers, c.issuer):
		return true
	case c.issuer == "":
		return false
	default:
		return c.issuer == t.keys.issuer()
	}
}

// knownIssuers are the forms that a tenant's tokens have whatever its metadata says.
func knownIssuers(tenantID string, acceptV1 bool) []string {
	issuers := []string{
		"https://" + tenantID + ".ciamlogin.com/" + tenantID + "/v2.0",
		"https://login.microsoftonline.com/" + tenantID + "/v2.0",
	}
	if acceptV1 {
		issuers = append(issuers, "https://sts.windows.net/"+tenantID+"/")
	}
	return issuers
}

// audienceAccepted wants exactly one audience, ours: the client id, or the App ID URI api://host/<client id> that v1
// tokens carry. A token for us and for somebody else could be replayed by the other.
func audienceAccepted(received []string, clientID string) bool {
	if len(received) != 1 {
		return false
	}
	if strings.EqualFold(received[0], clientID) {
		return true
	}
	uri, isURI := strings.CutPrefix(received[0], "api://")
	host, id, hasPath := strings.Cut(uri, "/")
	return isURI && hasPath && host != "" && strings.EqualFold(id, clientID)
}
