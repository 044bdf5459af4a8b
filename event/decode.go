package event

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"byoe/redact"
)

const (
	typeEmailOTPSend = "microsoft.graph.authenticationEvent.emailOtpSend"
	typeCalloutData  = "microsoft.graph.onOtpSendCalloutData"
)

// Decode reads one event out of a complete body. Every failure is an [*Error], which names the place and never the
// content. That the identifier is a mail address is for the composer to say: a bad address has its own status.
func Decode(body []byte) (*Event, error) {
	var p payload
	if err := unmarshal(body, &p); err != nil {
		return nil, err
	}
	if err := check(&p); err != nil {
		return nil, err
	}
	return p.event(), nil
}

// unmarshal tells a syntax error by its offset and a type error by its field, because encoding/json's own texts quote
// what they found.
func unmarshal(body []byte, p *payload) error {
	err := json.Unmarshal(body, p)
	if err == nil {
		return nil
	}
	if typeError, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return &Error{Field: typeError.Field, Problem: fmt.Sprintf("has the wrong JSON type near byte %d", typeError.Offset)}
	}
	if syntaxError, ok := errors.AsType[*json.SyntaxError](err); ok {
		return &Error{Problem: fmt.Sprintf("not JSON near byte %d", syntaxError.Offset)}
	}
	return &Error{Problem: "not JSON"}
}

// check is the list of what must be there. requestType, the service principals, the locale and the ids of listener and
// extension are not on it: native authentication and real captures lack them.
func check(p *payload) error {
	if !sameODataType(p.Type, typeEmailOTPSend) {
		return &Error{Field: "type", Problem: "must be " + typeEmailOTPSend}
	}
	if p.Data == nil {
		return &Error{Field: "data", Problem: "missing"}
	}
	if p.Data.ODataType != "" && !sameODataType(p.Data.ODataType, typeCalloutData) {
		return &Error{Field: "data.@odata.type", Problem: "must be " + typeCalloutData}
	}
	if Printable(p.Data.TenantID) == "" {
		return &Error{Field: "data.tenantId", Problem: "missing"}
	}
	if p.Data.OTPContext == nil {
		return &Error{Field: "data.otpContext", Problem: "missing"}
	}
	return p.Data.OTPContext.check()
}

func (c *otpContext) check() error {
	const identifier, code = "data.otpContext.identifier", "data.otpContext.oneTimeCode"
	if err := c.Identifier.check(identifier); err != nil {
		return err
	}
	if err := c.Code.check(code); err != nil {
		return err
	}
	if !IsCode(c.Code.value) {
		return &Error{Field: code, Problem: NotCode}
	}
	return nil
}

// sameODataType compares type names as OData does: a leading # is only notation, and Microsoft's own pages disagree on
// the letter case of this event's types.
func sameODataType(got, want string) bool {
	return strings.EqualFold(strings.TrimPrefix(got, "#"), want)
}

func (p *payload) event() *Event {
	e := &Event{
		TenantID:    Printable(p.Data.TenantID),
		ListenerID:  Printable(p.Data.ListenerID),
		ExtensionID: Printable(p.Data.ExtensionID),
		Identifier:  redact.NewSecret(p.Data.OTPContext.Identifier.value),
		Code:        redact.NewSecret(p.Data.OTPContext.Code.value),
	}
	if ac := p.Data.AuthenticationContext; ac != nil {
		e.CorrelationID = Printable(ac.CorrelationID)
		e.RequestType = Printable(ac.RequestType)
		e.Flow = FlowOf(ac.RequestType)
		e.Locale = Printable(ac.Client.Locale)
		e.Market = Printable(ac.Client.Market)
		e.ClientIP = ac.Client.IP
		e.Protocol = Printable(ac.Protocol)
		e.Client = ac.ClientSP.public()
		e.Resource = ac.ResourceSP.public()
	}
	return e
}

func (sp *servicePrincipal) public() ServicePrincipal {
	if sp == nil {
		return ServicePrincipal{}
	}
	return ServicePrincipal{
		ID:             Printable(sp.ID),
		AppID:          Printable(sp.AppID),
		AppDisplayName: sp.AppDisplayName,
		DisplayName:    sp.DisplayName,
	}
}
