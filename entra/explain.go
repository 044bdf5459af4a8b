package entra

import (
	"strings"
)

// The codes that are no numbers of the event's own.
const (
	codeB2C   = "AADB2C90063"
	codeLogin = "AADSTS1100001"
)

// Explanation says what one of Entra's error codes is about.
type Explanation struct {
	Code string `json:"code"`
	// Name is Entra's; "" where it gives none.
	Name string `json:"name,omitempty"`
	// Meaning is what Entra says, Cause what usually stands behind it, Remedy what to do.
	Meaning string `json:"meaning"`
	Cause   string `json:"cause"`
	Remedy  string `json:"remedy"`
}

// Explain explains a code, such as 1003015, or a name, such as CustomExtensionDomainNameDoesNotMatch. Case and what stands
// around it do not matter.
func Explain(code string) (Explanation, bool) {
	code = strings.ToLower(strings.Trim(code, " \t\"'.:,"))
	if code == "serviceprincipalnotfound" { // what validateAuthenticationConfiguration calls it
		code = "resource" + code
	}
	for _, e := range Explanations() {
		name := strings.ToLower(e.Name)
		if code == strings.ToLower(e.Code) || name != "" && (code == name || code == strings.TrimPrefix(name, "customextension")) {
			return e, true
		}
	}
	return Explanation{}, false
}

// Explanations is everything that [Explain] knows, by code. Names and meanings are those of Microsoft's page "Troubleshoot
// your custom authentication extension"; 1003013 is not on it.
func Explanations() []Explanation {
	const custom = "CustomExtension"
	const webhookLog = "Look into the webhook's log by the correlation id of the sign-in"
	return []Explanation{
		{"1003000", "EventHandlerUnexpectedError", "An unexpected error while an event was handled.", "A fault of Entra's, or a wiring that it does not understand.", "Try again; where it stays, run byoe doctor and give Microsoft the correlation id"},
		{"1003001", custom + "UnexpectedError", "An unexpected error while the endpoint was called.", "A fault on the way, or of Entra's.", "Try again. " + webhookLog},
		{"1003002", custom + "InvalidHTTPStatus", "The endpoint's status is not one that the event takes: only 200 is.", "The webhook refused the call (401 for a token it does not trust, 403 for an application or extension that is not allowed) or no provider took the mail (422, 502, 504).", webhookLog + ": the answer has a code that says why"},
		{"1003003", custom + "InvalidResponseBody", "The answer's body is not what the event wants.", "Something else than the webhook answers: a sign-in page, a proxy, an older function at the same URL.", "Compare the extension's target URL with the webhook's; byoe doctor asks the endpoint from outside"},
		{"1003004", custom + "ThrottlingError", "Too many calls of custom authentication extensions.", "A load test, or an attack on the sign-up page.", "Wait; bound what one address may ask for with RECIPIENT_LIMIT"},
		{"1003005", custom + "TimedOut", "No answer in the time-out. It can also mean that the access token is not valid.", "A cold start, a provider that hangs, or a time-out of 1,000 ms because the extension sets none.", "Set the time-out to 2,000 ms (byoe setup apply), keep an instance always ready, and look into the log for 401"},
		{"1003006", custom + "InvalidResponseContentType", "The answer is not application/json.", "Something else than the webhook answers, such as an error page of the platform.", "Open the target URL: the webhook answers every POST with JSON"},
		{"1003007", custom + "NullClaimsResponse", "The answer has no claims.", "An endpoint for another event: this one has no claims.", "Compare the extension's target URL with the webhook's"},
		{"1003008", custom + "InvalidResponseApiSchemaVersion", "The answer's schema version differs from the request's.", "An endpoint for another event.", "Compare the extension's target URL with the webhook's"},
		{"1003009", custom + "EmptyResponse", "The answer has no body.", "A proxy in between, or another function at the same URL.", "Compare the extension's target URL with the webhook's"},
		{"1003010", custom + "InvalidNumberOfActions", "The answer has another number of actions than one.", "An endpoint other than this webhook.", "Compare the extension's target URL with the webhook's"},
		{"1003011", custom + "NotFound", "The extension that the listener names is not there.", "The extension was deleted, and its listener stayed; or the listener was made for another.", "byoe setup apply makes both again; byoe setup off deletes the listener, and Microsoft sends the codes"},
		{"1003012", custom + "InvalidActionType", "The answer has an action that the event does not know.", "An endpoint other than this webhook: the event has one action only, there is none that blocks.", "Compare the extension's target URL with the webhook's"},
		{"1003014", custom + "IncorrectResourceIdFormat", "The identifier URI is not api://{host}/{client id}.", "The portal's own proposal, api://{client id}, was kept.", "byoe setup apply sets it"},
		{"1003015", custom + "DomainNameDoesNotMatch", "The hosts of the target URL and of the resource id differ.", "The webhook moved, and one of the two was not changed with it.", "byoe setup apply --host changes both in one request"},
		{"1003016", custom + "ResourceServicePrincipalNotFound", "The tenant has no service principal of the app registration in the resource id.", "The registration was made in another directory (that of the subscription), or without a service principal, or was deleted.", "byoe setup apply makes it in the tenant of the users"},
		{"1003017", custom + "ClientServicePrincipalNotFound", "The tenant has no service principal of Entra's caller, " + CallerAppID + ".", "A tenant in which no custom authentication extension was ever made in the portal.", "byoe setup apply makes it"},
		{"1003018", custom + "ClientServiceDisabled", "The service principal of Entra's caller is disabled.", "Somebody switched sign-in off for \"Azure Active Directory Authentication Extensions\".", "byoe setup apply enables it"},
		{"1003019", custom + "ResourceServicePrincipalDisabled", "The service principal of the app registration is disabled.", "Somebody switched sign-in off for the enterprise application.", "byoe setup apply enables it"},
		{"1003020", custom + "IncorrectTargetUrlFormat", "The target URL is not a valid https URL.", "A typing mistake, or http.", "byoe setup apply --endpoint sets it"},
		{"1003021", custom + "PermissionNotGrantedToServicePrincipal", "There is no admin consent to CustomAuthenticationExtension.Receive.Payload.", "The permission was asked for and never granted.", "byoe setup apply grants it; it needs AppRoleAssignment.ReadWrite.All"},
		{"1003022", custom + "MsGraphServicePrincipalDisabledOrNotFound", "The service principal of Microsoft Graph is disabled or missing.", "Somebody switched it off.", "Enable \"Microsoft Graph\" among the enterprise applications"},
		{"1003023", custom + "Blocked", "The service blocks the endpoint.", "Microsoft blocks the host.", "Ask Microsoft's support, with the correlation id; meanwhile byoe setup off"},
		{"1003024", custom + "ResponseSizeExceeded", "The answer is too large.", "An endpoint other than this webhook, whose answer has 144 octets.", "Compare the extension's target URL with the webhook's"},
		{"1003025", custom + "ResponseClaimsSizeExceeded", "The answer's claims are too large.", "An endpoint for another event.", "Compare the extension's target URL with the webhook's"},
		{"1003026", custom + "NullOrEmptyClaimKeyNotSupported", "The answer has a claim without a name.", "An endpoint for another event.", "Compare the extension's target URL with the webhook's"},
		{"1003027", custom + "ConnectionError", "The endpoint cannot be reached.", "The host name does not resolve, the app is stopped, its certificate is not trusted, or a firewall or bot protection stands before it.", "byoe doctor asks the endpoint from outside; let Entra's calls through a firewall without a challenge"},
		{codeB2C, "", "There is a problem with the service.", "Graph or the portal was asked for an extension while the tenant has no service principal of Entra's caller, " + CallerAppID + ".", "byoe setup apply makes it first; wait a minute where it was just made"},
		{codeLogin, "", "What the person's application is told when the call of a custom authentication extension failed.", "It wraps one of the codes 1003000 to 1003027. Tokens that are refused for their issuer or keys are a known one.", "Open the sign-in in the sign-in log, tab Authentication Events, and ask byoe doctor explain for the code there"},
	}
}
