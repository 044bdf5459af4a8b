package conformance

import (
	"context"
	"strings"

	"byoe/devtenant"
	"byoe/redact"
)

// variant is the documented event with something changed that Entra changes, or may.
type variant struct {
	// words says what is special, where a check has several.
	words  string
	signIn func(*devtenant.SignIn)
	edits  []edit
	// call changes how the event is sent.
	call func(*request)
}

// payloadChecks are about events that must be taken.
func payloadChecks() []check {
	var checks []check
	add := func(id, title, remedy string, variants ...variant) {
		checks = append(checks, check{id: id, title: title, needs: anAnswer, run: func(ctx context.Context, r *run) finding {
			return r.takes(ctx, remedy, variants)
		}})
	}
	add("payload.lower-case-code", "onetimecode is taken as oneTimeCode is",
		"Read the member's name without regard to letter case: Microsoft's documentation and its C# sample differ", variant{edits: []edit{lowerCaseCode}})
	add("payload.no-request-type", "an event without requestType is taken",
		"Take requestType as optional: native authentication does not send it", variant{signIn: requestType(devtenant.NoRequestType)})
	add("payload.request-type", "every requestType is taken", "Compare requestType without regard to letter case, and treat one that you do not know as a sign-in: the list is open",
		variant{words: "SignIn", signIn: requestType("SignIn")}, variant{words: "passwordReset", signIn: requestType("passwordReset")},
		variant{words: "one that nobody knows", signIn: requestType("somethingNew")}, variant{words: "an empty one", edits: []edit{set(inContext("requestType"), "")}})
	add("payload.null-resource", "a resourceServicePrincipal that is null is taken",
		"Take resourceServicePrincipal as null where it is: Entra sends that. The application is clientServicePrincipal anyway", variant{edits: []edit{set(inContext("resourceServicePrincipal"), nil)}})
	add("payload.missing-members", "an event without members that nobody needs is taken",
		"Need nothing but the address, the code, the tenant and the identifiers",
		variant{edits: []edit{remove(inContext("protocol"), inContext("client/market"), inContext("clientServicePrincipal/displayName"), "data/authenticationEventListenerId")}})
	add("payload.unknown-members", "members that nobody knows are ignored", "Ignore members that you do not know: Entra sends more with other events, and may with this one",
		variant{edits: []edit{set("data/userSignUpInfo", object{"attributes": object{}}), set("new", []any{1, "two"}), set(inContext("user"), nil)}})
	add("payload.leading-zero", "a code that begins with zeros keeps them", codeRemedy, variant{signIn: code("00", 6)})
	add("payload.six-digits", "a code of six digits passes unchanged", codeRemedy, variant{signIn: code("", 6)})
	add("payload.letters", "a code with letters passes unchanged", codeRemedy, variant{signIn: code("aZ", 6)})
	add("payload.ipv6", "a client with an IPv6 address is taken", "Take client.ip as text", variant{edits: []edit{set(inContext("client/ip"), "2a0d:6fc0:1234::1")}})
	add("payload.unicode-app", "an application with a name in any script is taken", "Read the body as UTF-8, and encode names in header fields as RFC 2047 says",
		variant{signIn: func(s *devtenant.SignIn) { s.AppName = `緑の森 "Ünïcödé" & <b>Söhne</b> 🌲` }})
	add("payload.media-type", "a media type in other letters and with a charset is taken", "Compare the media type without regard to letter case and without its parameters",
		variant{call: func(req *request) { req.contentType = "Application/JSON; charset=UTF-8" }})
	add("payload.chunked", "a body of unknown length is taken", "Take chunked bodies: a front door may make one of any body", variant{call: func(req *request) { req.chunked = true }})
	add("payload.expect", "a body that waits for 100 Continue is taken", "Answer Expect: 100-continue as RFC 9110 wants, which every HTTP server does that is left alone",
		variant{call: func(req *request) { req.expect = true }})
	return checks
}

const codeRemedy = "Treat the code as text: its length and its characters are Entra's affair"

// takes sends each variant.
func (r *run) takes(ctx context.Context, remedy string, variants []variant) finding {
	var calls []func() finding
	for _, v := range variants {
		calls = append(calls, func() finding {
			who := r.people.next()
			if v.signIn != nil {
				v.signIn(&who)
			}
			req, err := r.genuine(who, v.edits...)
			if err != nil {
				return unplayable(err)
			}
			if v.call != nil {
				v.call(&req)
			}
			return r.delivered(ctx, who, req, remedy, v.words)
		})
	}
	return worst(calls...)
}

// inContext is the path of a member of the authentication context.
func inContext(name string) string { return "data/authenticationContext/" + name }

func requestType(value string) func(*devtenant.SignIn) {
	return func(s *devtenant.SignIn) { s.RequestType = value }
}

// code makes a new one out of a beginning and so many digits.
func code(beginning string, n int) func(*devtenant.SignIn) {
	return func(s *devtenant.SignIn) { s.Code = redact.NewSecret(beginning + digits(n).Reveal()) }
}

// lowerCaseCode spells the code's member as Microsoft's C# sample reads it.
func lowerCaseCode(event object) {
	otp, _ := walk(event, "data/otpContext/oneTimeCode")
	for name, value := range otp {
		if strings.EqualFold(name, "onetimecode") {
			delete(otp, name)
			otp["onetimecode"] = value
			return
		}
	}
}
