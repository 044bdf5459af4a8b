package entra

import (
	"bytes"
	"fmt"
	"strconv"
)

// Person is the local part of the address that call number n is about. The number can be read from it, by NumberIn.
func Person(n int) string { return fmt.Sprintf("%s%08d", person, n) }

const person = "person-"

// NumberIn finds the number of the call that a text was made for: the one in the first address of Person in it.
func NumberIn(text []byte) (n int, found bool) {
	_, rest, found := bytes.Cut(text, []byte(person))
	if !found || len(rest) < 8 {
		return 0, false
	}
	n, err := strconv.Atoi(string(rest[:8]))
	return n, err == nil
}

// Call returns call number n as the Functions host passes it on: an HTTP/1.1 request with an event that no other call has.
func (t *Tenant) Call(n int) []byte {
	event := Event(n)
	request := make([]byte, 0, len(event)+2048)
	request = append(request, "POST /api/EmailOtpSend HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Microsoft-Entra\r\nAccept: application/json\r\n"+
		"Content-Type: application/json; charset=utf-8\r\nX-Forwarded-For: 20.190.190.190:50000\r\nX-Forwarded-Proto: https\r\nAuthorization: Bearer "...)
	request = append(request, t.tokens[n%len(t.tokens)]...)
	request = fmt.Appendf(request, "\r\nX-Azure-Functions-InvocationId: 0f8fad5b-d9cb-469f-a165-%012x\r\nContent-Length: %d\r\n\r\n", n, len(event))
	return append(request, event...)
}

// locales are those of the people, in turn: mails in several languages and both directions.
func locale(n int) string {
	return [...]string{"en-us", "ja-jp", "de-de", "ar-sa", "fr-fr", "pt-br", "es-es", "zh-cn"}[n%8]
}

// Event returns the body of call number n: the documented event, for Person(n) and a code of its own.
func Event(n int) []byte {
	return fmt.Appendf(nil, `{"type":"microsoft.graph.authenticationEvent.emailOtpSend",`+
		`"source":"/tenants/%[1]s/applications/bbbbbbbb-cccc-dddd-2222-333333333333",`+
		`"data":{"@odata.type":"microsoft.graph.onOtpSendCalloutData","otpContext":{"identifier":"%[2]s@example.org","oneTimeCode":"%08[3]d"},`+
		`"tenantId":"%[1]s","authenticationEventListenerId":"00001111-aaaa-2222-bbbb-3333cccc4444",`+
		`"customAuthenticationExtensionId":"11112222-bbbb-3333-cccc-4444dddd5555",`+
		`"authenticationContext":{"correlationId":"3333dddd-44ee-ffff-aa55-%012[4]x",`+
		`"client":{"ip":"192.0.2.10","locale":"%[5]s","market":"%[5]s"},"protocol":"OAUTH2.0","requestType":"signUp",`+
		`"clientServicePrincipal":{"id":"aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb","appId":"bbbbbbbb-cccc-dddd-2222-333333333333",`+
		`"appDisplayName":"Contoso Store","displayName":"Contoso Store"},`+
		`"resourceServicePrincipal":{"id":"aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb","appId":"bbbbbbbb-cccc-dddd-2222-333333333333",`+
		`"appDisplayName":"Contoso Store","displayName":"Contoso Store"}}}}`,
		TenantID, Person(n), (n*7919+13_131_313)%100_000_000, n, locale(n))
}
