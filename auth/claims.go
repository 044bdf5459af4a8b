package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// errNotStrict says that a JSON object is not as RFC 7519, section 4, wants it. It never quotes the object.
var errNotStrict = errors.New("not a strict JSON object")

// strictObject reads one JSON object into its members and refuses a second member of one name: of two aud claims one
// reader takes the first and another the last (RFC 7519, section 4). Names are compared letter by letter, unlike
// encoding/json's.
func strictObject(raw []byte) (map[string]json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	open, err := dec.Token()
	if err != nil || open != json.Delim('{') {
		return nil, errNotStrict
	}
	members := make(map[string]json.RawMessage, 24)
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return nil, errNotStrict
		}
		name, isName := token.(string)
		if _, twice := members[name]; !isName || twice {
			return nil, errNotStrict
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, errNotStrict
		}
		members[name] = value
	}
	if _, err := dec.Token(); err != nil {
		return nil, errNotStrict
	}
	if dec.InputOffset() != int64(len(bytes.TrimRight(raw, " \t\r\n"))) {
		return nil, errNotStrict
	}
	return members, nil
}

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
	members, err := strictObject(raw)
	if err != nil {
		return err
	}
	texts := map[string]*string{"iss": &c.issuer, "tid": &c.tenantID, "azp": &c.azp, "appid": &c.appID, "ver": &c.version}
	for name, target := range texts {
		if err := text(members, name, target); err != nil {
			return err
		}
	}
	dates := map[string]**time.Time{"exp": &c.expiry, "nbf": &c.notBefore, "iat": &c.issuedAt}
	for name, target := range dates {
		if err := date(members, name, target); err != nil {
			return err
		}
	}
	return c.takeAudiences(members["aud"])
}

func text(members map[string]json.RawMessage, name string, target *string) error {
	raw, present := members[name]
	if !present {
		return nil
	}
	if raw[0] != '"' {
		return fmt.Errorf("%w: %s is no text", errNotStrict, name)
	}
	return json.Unmarshal(raw, target)
}

// date takes a NumericDate: seconds since 1970 as a JSON number (RFC 7519, section 2), whole and within reason, so that
// no arithmetic on it overflows.
func date(members map[string]json.RawMessage, name string, target **time.Time) error {
	raw, present := members[name]
	if !present {
		return nil
	}
	const latest = 1 << 40
	var seconds int64
	if raw[0] == '"' || json.Unmarshal(raw, &seconds) != nil || string(raw) == "null" || seconds < 0 || seconds > latest {
		return fmt.Errorf("%w: %s is no date", errNotStrict, name)
	}
	at := time.Unix(seconds, 0)
	*target = &at
	return nil
}

// takeAudiences takes one text or a list of them (RFC 7519, section 4.1.3).
func (c *claimSet) takeAudiences(raw json.RawMessage) error {
	if len(raw) == 0 {
		return nil
	}
	if raw[0] == '"' {
		c.audiences = make([]string, 1)
		return json.Unmarshal(raw, &c.audiences[0])
	}
	return json.Unmarshal(raw, &c.audiences)
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
