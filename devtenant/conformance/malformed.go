package conformance

import (
	"bytes"
	"context"
	"strings"
)

const (
	// hugeBody is a body that no event has: a real one has one or two KiB.
	hugeBody = 5 << 20
	// deep is how far arrays are nested in another one. Parsers that call themselves run out of stack somewhere there.
	deep = 100_000
)

// malformedChecks are about bodies that come with a genuine token and must come to nothing.
func malformedChecks() []check {
	var checks []check
	add := func(id, title, remedy string, body func(event []byte) []byte, edits ...edit) {
		checks = append(checks, check{id: id, title: title, run: func(ctx context.Context, r *run) finding {
			who := r.people.next()
			req, err := r.genuine(who, edits...)
			if err != nil {
				return unplayable(err)
			}
			if body != nil {
				req.body = body(req.body)
			}
			return r.refused(ctx, who.To, req, anyRefusal, remedy)
		}})
	}
	instead := func(text string) func([]byte) []byte { return func([]byte) []byte { return []byte(text) } }
	const notAnEvent = "Refuse with 400 what is no event: a 200 tells Entra that a mail is on its way"
	add("malformed.other-event", "another event is refused", "Look at type: an extension of another event may have been given this address", nil,
		set("type", "microsoft.graph.authenticationEvent.tokenIssuanceStart"), set("data/@odata.type", "microsoft.graph.onTokenIssuanceStartCalloutData"))
	add("malformed.other-tenant", "an event of another tenant is refused", "Compare data.tenantId with the token's tid", nil,
		set("data/tenantId", otherTenant), set("source", "/tenants/"+otherTenant+"/applications/"+otherApp))
	add("malformed.no-code", "an event without a code is refused", notAnEvent, nil, remove("data/otpContext/oneTimeCode", "data/otpContext/onetimecode"))
	add("malformed.no-address", "an event without an address is refused", notAnEvent, nil, remove("data/otpContext/identifier"))
	add("malformed.not-json", "a body that is not JSON is refused", notAnEvent, instead("code=12345678"))
	add("malformed.empty", "an empty body is refused", notAnEvent, instead(""))
	add("malformed.array", "an array is refused", notAnEvent, func(event []byte) []byte { return []byte("[" + string(event) + "]") })
	add("malformed.deep", "a deeply nested body is refused in time", "Bound how deep a body may be nested, or how long it may be",
		instead(strings.Repeat("[", deep)+strings.Repeat("]", deep)))
	add("malformed.huge", "a body of 5 MiB is refused in time", "Bound how much of a body is read, at some ten KiB: whoever finds the address may send any amount", func(event []byte) []byte {
		return append(bytes.TrimSuffix(event, []byte("}")), []byte(`,"filler":"`+strings.Repeat("x", hugeBody)+`"}`)...)
	})
	return checks
}
