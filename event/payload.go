package event

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	"byoe/redact"
)

// payload is the documented shape. encoding/json matches names without regard to case, which is wanted here: the
// documentation says oneTimeCode, Microsoft's own sample code reads onetimecode, and the wire has not been seen. Unknown
// members are ignored, because other events carry more (userSignUpInfo, user) and Microsoft adds to them.
type payload struct {
	Type   string `json:"type"`
	Source string `json:"source"`
	Data   *data  `json:"data"`
}

type data struct {
	ODataType             string                 `json:"@odata.type"`
	OTPContext            *otpContext            `json:"otpContext"`
	TenantID              string                 `json:"tenantId"`
	ListenerID            string                 `json:"authenticationEventListenerId"`
	ExtensionID           string                 `json:"customAuthenticationExtensionId"`
	AuthenticationContext *authenticationContext `json:"authenticationContext"`
}

type otpContext struct {
	Identifier once `json:"identifier"`
	Code       once `json:"oneTimeCode"`
}

type authenticationContext struct {
	CorrelationID string `json:"correlationId"`
	Client        struct {
		IP     redact.Secret `json:"ip"`
		Locale string        `json:"locale"`
		Market string        `json:"market"`
	} `json:"client"`
	Protocol    string            `json:"protocol"`
	RequestType string            `json:"requestType"`
	ClientSP    *servicePrincipal `json:"clientServicePrincipal"`
	ResourceSP  *servicePrincipal `json:"resourceServicePrincipal"`
}

type servicePrincipal struct {
	ID             string `json:"id"`
	AppID          string `json:"appId"`
	AppDisplayName string `json:"appDisplayName"`
	DisplayName    string `json:"displayName"`
}

// once is a text that the body may give only once, or twice alike. Two spellings of one name (oneTimeCode and
// onetimecode) with two values would let one reader mail a code that another did not see.
type once struct {
	value    string
	conflict bool
	notText  bool
}

// UnmarshalJSON is called for each spelling in turn, on the same value. It keeps what is wrong for check, which knows
// the member's name; a number is refused because it has lost the code's leading zeros.
func (o *once) UnmarshalJSON(raw []byte) error {
	value, ok := text(raw)
	if !ok {
		o.notText = true
		return nil // told by check, with the member's name
	}
	o.conflict = o.conflict || (o.value != "" && o.value != value)
	o.value = value
	return nil
}

// text reads a valid JSON value that is a string. One without escapes and without broken UTF-8 is what stands between its
// quotes; for the others there is encoding/json.
func text(raw []byte) (value string, ok bool) {
	if plain := bytes.Trim(raw, `"`); len(plain) == len(raw)-2 && raw[0] == '"' && bytes.IndexByte(plain, '\\') < 0 && utf8.Valid(plain) {
		return string(plain), true
	}
	err := json.Unmarshal(raw, &value)
	return value, err == nil
}

// check returns what is wrong with the text that field names, or nil.
func (o *once) check(field string) error {
	switch {
	case o.notText:
		return &Error{Field: field, Problem: "must be a JSON string"}
	case o.conflict:
		return &Error{Field: field, Problem: "given twice with different values"}
	case o.value == "":
		return &Error{Field: field, Problem: "missing"}
	default:
		return nil
	}
}
