package devtenant

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"byoe/redact"
)

// B2C is how an Azure AD B2C policy would call the webhook. Zero values mean that the tenant makes up a key, and Microsoft's
// and our own names for the rest.
type B2C struct {
	// Key is the policy key of a RESTful technical profile whose AuthenticationType is ApiKeyHeader, KeyHeader its field.
	Key       redact.Secret
	KeyHeader string
	// Claims are other names of the claims, by email, otp, locale, appName, clientId, correlationId, tenantId and flow.
	Claims map[string]string
	// Tenant is what the policy says of its tenant; "" is the local tenant's id.
	Tenant string
}

// withDefaults fills in what is empty.
func (b B2C) withDefaults(tenantID string) B2C {
	if b.Key.IsZero() {
		random := make([]byte, 24)
		_, _ = rand.Read(random) // crypto/rand never fails: it ends the program first
		b.Key = redact.NewSecret(hex.EncodeToString(random))
	}
	b.KeyHeader = orDefault(b.KeyHeader, "x-api-key")
	b.Tenant = orDefault(b.Tenant, tenantID)
	return b
}

// presetB2C is the preset whose codes travel as a B2C policy sends them, where the webhook has an endpoint for that.
const presetB2C = "b2c"

// B2CURL returns where a byoe whose event's endpoint is known takes the claims of B2C's policies; "" where that is not to be
// told from the address.
func B2CURL(webhook string) string {
	const event, claims = "emailotpsend", "B2COtpSend"
	address := strings.TrimSuffix(webhook, "/")
	at := len(address) - len(event)
	if at < 1 || address[at-1] != '/' || !strings.EqualFold(address[at:], event) {
		return ""
	}
	return address[:at] + claims
}

// b2cTimeout is how long B2C is taken to wait. Microsoft says that it does not wait for ever, and not how long.
const b2cTimeout = 10 * time.Second

// policyClaims returns the body that a policy's RESTful technical profile would send with SendClaimsIn Body, its claims resolved as
// Culture:RFC5646, OIDC:ClientId, Context:CorrelationId and Policy:TenantObjectId.
func (t *Tenant) policyClaims(s SignIn) ([]byte, error) {
	flow := s.RequestType
	if flow == NoRequestType {
		flow = ""
	}
	claims := map[string]string{}
	for name, value := range map[string]string{
		"email": s.To, "otp": s.Code.Reveal(), "locale": culture(s.Locale), "appName": s.AppName, "clientId": s.AppID,
		"correlationId": s.CorrelationID, "tenantId": t.b2c.Tenant, "flow": flow,
	} {
		if value != "" { // B2C sends no claim that has no value
			claims[orDefault(t.b2c.Claims[name], name)] = value
		}
	}
	return json.Marshal(claims)
}

// culture writes a language tag as B2C does, en-US where Entra has en-us, and leaves alone what is none.
func culture(locale string) string {
	tag, err := language.Parse(locale)
	if err != nil {
		return locale
	}
	return tag.String()
}

// judgeB2C says what a policy makes of an answer, and what the person reads of a 409.
func judgeB2C(a answer) (r Refusal, userMessage string) {
	mediaType, _, err := mime.ParseMediaType(a.contentType)
	isJSON := err == nil && mediaType == "application/json"
	switch {
	case a.status == http.StatusOK && isJSON && isObject(a.body):
		return Refusal{}, ""
	case a.status == http.StatusOK:
		return Refusal{Code: a.status, Name: "InvalidResponse", Detail: "the body is no JSON object", Remedy: "Answer 200 with {} as application/json"}, ""
	case a.status != http.StatusConflict:
		return Refusal{Code: a.status, Name: statusName(a.status), Detail: "the person is told nothing", Remedy: b2cRemedy(a.status)}, ""
	}
	var told struct {
		Version     string `json:"version"`
		Status      int    `json:"status"`
		UserMessage string `json:"userMessage"`
	}
	if !isJSON || json.Unmarshal(a.body, &told) != nil || told.Version == "" || told.Status != http.StatusConflict || told.UserMessage == "" {
		return Refusal{
			Code: a.status, Name: "InvalidConflict", Detail: "the body is not the documented one",
			Remedy: `Answer {"version":"1.0.0","status":409,"userMessage":"…"} as application/json`,
		}, ""
	}
	return Refusal{Code: a.status, Name: "UserMessage", Detail: "the person reads the webhook's text", Remedy: "The webhook's log says why"}, told.UserMessage
}

func isObject(body []byte) bool {
	var object map[string]json.RawMessage
	return json.Unmarshal(body, &object) == nil && object != nil
}

// statusName is a status as one word, as the names of Entra's codes are.
func statusName(status int) string {
	return orDefault(strings.ReplaceAll(http.StatusText(status), " ", ""), "Status"+strconv.Itoa(status))
}

// b2cRemedy is what the webhook's owner can do about a status that tells the person nothing.
func b2cRemedy(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "The webhook does not know the key: it must be among B2C_API_KEYS, and come in B2C_API_KEY_HEADER"
	case http.StatusForbidden:
		return "The webhook knows the caller and refuses the tenant: compare the claim tenantId with B2C_TENANT"
	case http.StatusNotFound:
		return "Nothing takes a POST at this address: the endpoint is off as long as the webhook has no credential for B2C's policies, such as B2C_API_KEYS"
	case http.StatusBadRequest:
		return "The webhook does not find its claims: compare B2C_CLAIMS with the policy's input claims"
	default:
		return "Look at the webhook's log for this correlation id"
	}
}

// b2cCurl is the call for a terminal.
func (t *Tenant) b2cCurl(call Call) string {
	return fmt.Sprintf("curl -i -H %s -H 'Content-Type: application/json' \\\n  --data-binary %s %s",
		shellQuoted(t.b2c.KeyHeader+": "+t.b2c.Key.Reveal()), shellQuoted(call.Attempts[0].Event.Reveal()), shellQuoted(call.Webhook))
}
