package devtenant

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"reflect"
	"strconv"
)

// Entra's own error codes for a webhook's answer (Microsoft: "Troubleshoot a custom claims provider"). An administrator
// finds them in the sign-in log.
const (
	codeInvalidStatus      = 1003002
	codeInvalidBody        = 1003003
	codeTimedOut           = 1003005
	codeInvalidContentType = 1003006
	codeEmptyResponse      = 1003009
	codeInvalidActions     = 1003010
	codeInvalidActionType  = 1003012
	codeSizeExceeded       = 1003024
	codeConnectionError    = 1003027
)

// Refusal is why Entra does not take an answer. The zero value is no refusal.
type Refusal struct {
	// Code and Name are Entra's, such as 1003005 and CustomExtensionTimedOut.
	Code int
	Name string
	// Detail says what is wrong with this answer. It quotes nothing of it.
	Detail string
	// Remedy is what the webhook's owner can do.
	Remedy string
}

// Judge says what Entra makes of an answer; the zero value is that the sign-in goes on.
func Judge(status int, contentType string, body []byte) Refusal {
	return judge(answer{status: status, contentType: contentType, body: body})
}

// String returns "1003005 CustomExtensionTimedOut: no answer in 2s".
func (r Refusal) String() string {
	if r == (Refusal{}) {
		return ""
	}
	return strconv.Itoa(r.Code) + " " + r.Name + ": " + r.Detail
}

// refusal adds the code's name and what to do.
func refusal(code int, detail string) Refusal {
	known := map[int]struct{ name, remedy string }{
		codeInvalidStatus:      {"InvalidHTTPStatus", "Look at the webhook's log for this correlation id: anything but 200 tells Entra that no mail is on its way"},
		codeInvalidBody:        {"InvalidResponseBody", "Answer with the documented body and nothing else: " + documentedAnswer},
		codeTimedOut:           {"TimedOut", "Answer within the extension's timeoutInMilliseconds, at best well within: keep the process warm, keep connections to the provider open. At Entra an invalid token shows up as this too"},
		codeInvalidContentType: {"InvalidResponseContentType", "Answer with Content-Type: application/json"},
		codeEmptyResponse:      {"EmptyResponse", "Answer 200 with the documented body: " + documentedAnswer},
		codeInvalidActions:     {"InvalidNumberOfActions", "Give exactly one action in data/actions"},
		codeInvalidActionType:  {"InvalidActionType", "Write the action's type exactly: microsoft.graph.OtpSend.continueWithDefaultBehavior, with a capital O and S"},
		codeSizeExceeded:       {"ResponseSizeExceeded", "Answer with the documented body, which is short"},
		codeConnectionError:    {"ConnectionError", "Start the webhook, and look at the address: host, port, and a path such as /api/EmailOtpSend"},
	}
	return Refusal{Code: code, Name: "CustomExtension" + known[code].name, Detail: detail, Remedy: known[code].remedy}
}

// statusRemedy is more to the point than the code's own where the status says what is wrong.
func statusRemedy(status int) string {
	switch {
	case status == http.StatusUnauthorized:
		return "The webhook does not trust the token: compare its tenant, audience, issuer and caller with the token's claims, and see that it reads the keys of this tenant"
	case status == http.StatusForbidden:
		return "The webhook knows the caller and refuses the event: compare its tenant, and its lists of applications and extensions, with the event"
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		return "Nothing takes a POST at this address: the path is /api/EmailOtpSend with the function's name in it"
	case status >= 300 && status < 400:
		return "Entra is not known to follow redirects: give the final address, with https and without a slash too many"
	case status == http.StatusUnprocessableEntity:
		return "The webhook or its providers refuse this address"
	case status >= http.StatusInternalServerError:
		return "The webhook could not hand the mail to a provider: its log says which one failed, and why"
	default:
		return ""
	}
}

// documentedAnswer is the only success that there is; its capital O and missing "on" are Microsoft's.
const documentedAnswer = `{"data":{"@odata.type":"microsoft.graph.OnOtpSendResponseData",` +
	`"actions":[{"@odata.type":"microsoft.graph.OtpSend.continueWithDefaultBehavior"}]}}`

// judge holds an answer against the documented one, member by member, so that its refusal names what differs.
func judge(a answer) Refusal {
	if a.status != http.StatusOK {
		r := refusal(codeInvalidStatus, fmt.Sprintf("status %d", a.status))
		r.Remedy = orDefault(statusRemedy(a.status), r.Remedy)
		return r
	}
	mediaType, _, err := mime.ParseMediaType(a.contentType)
	if err != nil || mediaType != "application/json" {
		return refusal(codeInvalidContentType, "the media type is not application/json")
	}
	switch {
	case len(a.body) == 0:
		return refusal(codeEmptyResponse, "the body is empty")
	case len(a.body) > maxAnswer:
		return refusal(codeSizeExceeded, fmt.Sprintf("the body is longer than %d octets", maxAnswer))
	}
	var got, want any
	err = json.Unmarshal(a.body, &got)
	if err != nil {
		return refusal(codeInvalidBody, "the body is not JSON")
	}
	err = json.Unmarshal([]byte(documentedAnswer), &want)
	if err != nil || reflect.DeepEqual(got, want) {
		return Refusal{}
	}
	return difference(got)
}

// difference names the first member in which a body differs. Names and types are compared exactly, as they are written
// in the documentation; encoding/json would take them in any case, so the body is looked at as maps.
func difference(body any) Refusal {
	root, _ := body.(map[string]any)
	data, isObject := root["data"].(map[string]any)
	if !isObject {
		return refusal(codeInvalidBody, "there is no object data")
	}
	if data["@odata.type"] != "microsoft.graph.OnOtpSendResponseData" {
		return refusal(codeInvalidBody, "data/@odata.type is not the documented one")
	}
	actions, _ := data["actions"].([]any)
	if len(actions) != 1 {
		return refusal(codeInvalidActions, fmt.Sprintf("%d actions, not 1", len(actions)))
	}
	action, _ := actions[0].(map[string]any)
	if action["@odata.type"] != "microsoft.graph.OtpSend.continueWithDefaultBehavior" {
		return refusal(codeInvalidActionType, "the action's type is not the documented one")
	}
	return refusal(codeInvalidBody, "it has members that the documented answer has not")
}
