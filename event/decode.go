package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"byoe/redact"
)

const (
	typeEmailOTPSend = "microsoft.graph.authenticationEvent.emailOtpSend"
	typeCalloutData  = "microsoft.graph.onOtpSendCalloutData"

	// maxCode bounds the code in bytes. Every code seen has eight digits; the bound only keeps nonsense out of a
	// subject line.
	maxCode = 64
	// maxWord bounds identifiers, locales and the like in bytes: they end in logs.
	maxWord = 64
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
	if printable(p.Data.TenantID) == "" {
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
	if len(c.Code.value) > maxCode || strings.ContainsFunc(c.Code.value, notInCode) {
		return &Error{Field: code, Problem: fmt.Sprintf("must be at most %d ASCII letters or digits", maxCode)}
	}
	return nil
}

// notInCode refuses what could break out of a header or confuse autofill. Entra's codes are ASCII digits; letters are let
// through because nothing promises digits.
func notInCode(r rune) bool {
	return r > unicode.MaxASCII || (!unicode.IsLetter(r) && !unicode.IsDigit(r))
}

// sameODataType compares type names as OData does: a leading # is only notation, and Microsoft's own pages disagree on
// the letter case of this event's types.
func sameODataType(got, want string) bool {
	return strings.EqualFold(strings.TrimPrefix(got, "#"), want)
}

func (p *payload) event() *Event {
	e := &Event{
		TenantID:    printable(p.Data.TenantID),
		ListenerID:  printable(p.Data.ListenerID),
		ExtensionID: printable(p.Data.ExtensionID),
		Identifier:  redact.NewSecret(p.Data.OTPContext.Identifier.value),
		Code:        redact.NewSecret(p.Data.OTPContext.Code.value),
	}
	if ac := p.Data.AuthenticationContext; ac != nil {
		e.CorrelationID = printable(ac.CorrelationID)
		e.RequestType = printable(ac.RequestType)
		e.Flow = flowOf(ac.RequestType)
		e.Locale = printable(ac.Client.Locale)
		e.Market = printable(ac.Client.Market)
		e.ClientIP = ac.Client.IP
		e.Protocol = printable(ac.Protocol)
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
		ID:             printable(sp.ID),
		AppID:          printable(sp.AppID),
		AppDisplayName: sp.AppDisplayName,
		DisplayName:    sp.DisplayName,
	}
}

// printable makes a word fit for a log line and for a header: printable ASCII, bounded. Identifiers and locales are
// nothing else; whatever is not cannot match a configured value either.
func printable(word string) string {
	if len(word) <= maxWord && !strings.ContainsFunc(word, notPrintable) {
		return word // nearly all are, and cost nothing
	}
	clean := bytes.Map(func(r rune) rune {
		if notPrintable(r) {
			return -1
		}
		return r
	}, []byte(word))
	return string(clean[:min(len(clean), maxWord)])
}

func notPrintable(r rune) bool { return r < ' ' || r > '~' }
