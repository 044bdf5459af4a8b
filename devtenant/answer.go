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
}

// String returns "1003005 CustomExtensionTimedOut: no answer in 2s".
func (r Refusal) String() string {
	if r == (Refusal{}) {
		return ""
	}
	return strconv.Itoa(r.Code) + " " + r.Name + ": " + r.Detail
}

// refusal adds the code's name.
func refusal(code int, detail string) Refusal {
	names := map[int]string{
		codeInvalidStatus:      "InvalidHTTPStatus",
		codeInvalidBody:        "InvalidResponseBody",
		codeTimedOut:           "TimedOut",
		codeInvalidContentType: "InvalidResponseContentType",
		codeEmptyResponse:      "EmptyResponse",
		codeInvalidActions:     "InvalidNumberOfActions",
		codeInvalidActionType:  "InvalidActionType",
		codeSizeExceeded:       "ResponseSizeExceeded",
		codeConnectionError:    "ConnectionError",
	}
	return Refusal{Code: code, Name: "CustomExtension" + names[code], Detail: detail}
}

// documentedAnswer is the only success that there is; its capital O and missing "on" are Microsoft's.
const documentedAnswer = `{"data":{"@odata.type":"microsoft.graph.OnOtpSendResponseData",` +
	`"actions":[{"@odata.type":"microsoft.graph.OtpSend.continueWithDefaultBehavior"}]}}`

// judge holds an answer against the documented one, member by member, so that its refusal names what differs.
func judge(a answer) Refusal {
	if a.status != http.StatusOK {
		return refusal(codeInvalidStatus, fmt.Sprintf("status %d", a.status))
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
