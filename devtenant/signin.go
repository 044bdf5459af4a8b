package devtenant

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"math/big"
	"time"

	"byoe/redact"
)

// The application that the documented payload is about, and the objects that Entra would have for the webhook.
const (
	AppID                   = "bbbbbbbb-cccc-dddd-2222-333333333333"
	AppName                 = "My Test application"
	servicePrincipalID      = "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb"
	authenticationEventID   = "00001111-aaaa-2222-bbbb-3333cccc4444"
	authenticationExtension = "11112222-bbbb-3333-cccc-4444dddd5555"
)

// NoRequestType makes a [SignIn] leave requestType out, as native authentication does.
const NoRequestType = "-"

// SignIn is a person at the point where Entra wants a code sent. Zero values mean the documented payload's.
type SignIn struct {
	// To is the address as the person typed it; "" is someone@example.com.
	To string
	// Code is the one-time code; the zero value makes a new one of eight digits.
	Code redact.Secret
	// RequestType is sent as it is: signUp, SignIn and the like; "" is signUp, [NoRequestType] leaves it out.
	RequestType string
	// Locale and Market are sent as they are; "" is en-us.
	Locale, Market string
	// AppID and AppName are the application that the person signs in to.
	AppID, AppName string
	// CorrelationID is the sign-in's; "" makes a new one.
	CorrelationID string
	// Timeout is how long Entra waits for an answer, each time; 0 is the behaviour's.
	Timeout time.Duration
}

// codeSpace is how many codes of eight digits there are.
const codeSpace = 100_000_000

// withDefaults fills in what is empty.
func (s SignIn) withDefaults() (SignIn, error) {
	if s.Code.IsZero() {
		code, err := rand.Int(rand.Reader, big.NewInt(codeSpace))
		if err != nil {
			return SignIn{}, fmt.Errorf("making a code: %w", err)
		}
		s.Code = redact.NewSecret(fmt.Sprintf("%08d", code))
	}
	s.To = orDefault(s.To, "someone@example.com")
	s.RequestType = orDefault(s.RequestType, "signUp")
	s.Locale = orDefault(s.Locale, "en-us")
	s.Market = orDefault(s.Market, s.Locale)
	s.AppID = orDefault(s.AppID, AppID)
	s.AppName = orDefault(s.AppName, AppName)
	s.CorrelationID = orDefault(s.CorrelationID, newGUID())
	return s, nil
}

// The event, member by member in the documented order (Microsoft: "Retrieve and return data from an OnEmailOtpSend
// event").
type (
	eventPayload struct {
		Type   string    `json:"type"`
		Source string    `json:"source"`
		Data   eventData `json:"data"`
	}
	eventData struct {
		ODataType             string       `json:"@odata.type"`
		OTP                   otpContext   `json:"otpContext"`
		TenantID              string       `json:"tenantId"`
		ListenerID            string       `json:"authenticationEventListenerId"`
		ExtensionID           string       `json:"customAuthenticationExtensionId"`
		AuthenticationContext eventContext `json:"authenticationContext"`
	}
	otpContext struct {
		Identifier  string `json:"identifier"`
		OneTimeCode string `json:"oneTimeCode,omitempty"`
		LowerCase   string `json:"onetimecode,omitempty"`
	}
	eventContext struct {
		CorrelationID string           `json:"correlationId"`
		Client        eventClient      `json:"client"`
		Protocol      string           `json:"protocol"`
		RequestType   string           `json:"requestType,omitempty"`
		ClientApp     servicePrincipal `json:"clientServicePrincipal"`
		ResourceApp   servicePrincipal `json:"resourceServicePrincipal"`
	}
	eventClient struct {
		IP     string `json:"ip"`
		Locale string `json:"locale"`
		Market string `json:"market"`
	}
	servicePrincipal struct {
		ID             string `json:"id"`
		AppID          string `json:"appId"`
		AppDisplayName string `json:"appDisplayName"`
		DisplayName    string `json:"displayName"`
	}
)

// Event returns the body that Entra would send for a sign-in.
func (t *Tenant) Event(s SignIn) ([]byte, error) {
	s, err := s.withDefaults()
	if err != nil {
		return nil, err
	}
	return t.payload(s, t.Behaviour().LowerCaseCode)
}

// payload returns the request's body for a sign-in whose defaults are filled in.
func (t *Tenant) payload(s SignIn, lowerCase bool) ([]byte, error) {
	app := servicePrincipal{ID: servicePrincipalID, AppID: s.AppID, AppDisplayName: s.AppName, DisplayName: s.AppName}
	requestType := s.RequestType
	if requestType == NoRequestType {
		requestType = ""
	}
	code := otpContext{Identifier: s.To, OneTimeCode: s.Code.Reveal()}
	if lowerCase {
		code.OneTimeCode, code.LowerCase = "", code.OneTimeCode
	}
	return json.Marshal(eventPayload{
		Type:   "microsoft.graph.authenticationEvent.emailOtpSend",
		Source: "/tenants/" + t.tenantID + "/applications/" + s.AppID,
		Data: eventData{
			ODataType:   "microsoft.graph.onOtpSendCalloutData",
			OTP:         code,
			TenantID:    t.tenantID,
			ListenerID:  authenticationEventID,
			ExtensionID: authenticationExtension,
			AuthenticationContext: eventContext{
				CorrelationID: s.CorrelationID,
				Client:        eventClient{IP: "192.168.0.0", Locale: s.Locale, Market: s.Market},
				Protocol:      "OAUTH2.0",
				RequestType:   requestType,
				ClientApp:     app,
				ResourceApp:   app,
			},
		},
	})
}
