package auth

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// claimSet is the claims that byoe looks at. Dates are nil where the token has none.
type claimSet struct {
	issuer    string
	audiences []string
	tenantID  string
	azp       string
	appID     string
	version   string

	expiry, notBefore, issuedAt *time.Time
}

// UnmarshalJSON is strict where the libraries are not: no claim twice, no number written as text, no text that is
// something else.
func (c *claimSet) UnmarshalJSON(raw []byte) error {
	object, err := parseValid(raw) // the grammar was checked by who calls (json.Unmarshaler)
	if err != nil {
		return err
	}
	for _, m := range object {
		if err := c.take(string(m.name), m.value); err != nil {
			return err
		}
	}
	return nil
}

// take keeps one claim; those that byoe does not look at are let pass.
func (c *claimSet) take(name string, value []byte) (err error) {
	switch name {
	case "iss":
		c.issuer, err = text(value)
	case "tid":
		c.tenantID, err = text(value)
	case "azp":
		c.azp, err = text(value)
	case "appid":
		c.appID, err = text(value)
	case "ver":
		c.version, err = text(value)
	case "aud":
		c.audiences, err = texts(value)
	case "exp":
		c.expiry, err = date(value)
	case "nbf":
		c.notBefore, err = date(value)
	case "iat":
		c.issuedAt, err = date(value)
	}
	return err
}

func text(value []byte) (string, error) {
	if len(value) == 0 || value[0] != '"' {
		return "", fmt.Errorf("%w: a claim is no text", errNotStrict)
	}
	if bytes.IndexByte(value, '\\') < 0 {
		return string(value[1 : len(value)-1]), nil
	}
	var unquoted string
	err := json.Unmarshal(value, &unquoted)
	return unquoted, err
}

// texts takes one text or a list of them (RFC 7519, section 4.1.3).
func texts(value []byte) ([]string, error) {
	if value[0] == '"' {
		one, err := text(value)
		return []string{one}, err
	}
	var list []string
	err := json.Unmarshal(value, &list)
	return list, err
}

// date takes a NumericDate: seconds since 1970 as a JSON number (RFC 7519, section 2), whole and within reason, so that
// no arithmetic on it overflows.
func date(value []byte) (*time.Time, error) {
	const latest = 1 << 40
	seconds, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil || seconds < 0 || seconds > latest {
		return nil, fmt.Errorf("%w: a claim is no date", errNotStrict)
	}
	at := time.Unix(seconds, 0)
	return &at, nil
}

// caller is who asked Entra for the token: azp, or appid in a v1 token.
func (c *claimSet) caller() string {
	if c.version == "1.0" {
		return c.appID
	}
	return c.azp
}

// The methods of jwt.Claims. The library's validator is not used, because a refusal must name its check; it calls none
// of these.

func (c *claimSet) GetExpirationTime() (*jwt.NumericDate, error) { return numericDate(c.expiry), nil }

func (c *claimSet) GetIssuedAt() (*jwt.NumericDate, error) { return numericDate(c.issuedAt), nil }

func (c *claimSet) GetNotBefore() (*jwt.NumericDate, error) { return numericDate(c.notBefore), nil }
func (c *claimSet) GetIssuer() (string, error)              { return c.issuer, nil }
func (c *claimSet) GetSubject() (string, error)             { return "", nil }
func (c *claimSet) GetAudience() (jwt.ClaimStrings, error)  { return c.audiences, nil }

func numericDate(t *time.Time) *jwt.NumericDate {
	if t == nil {
		return nil
	}
	return jwt.NewNumericDate(*t)
}
