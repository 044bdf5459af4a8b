package webhook

import (
	"encoding/json"
	"net/http"

	"byoe/providers"
	"byoe/providers/httpclient"
)

// The codes by which an endpoint tells, beside a 400 or 422, that the recipient is the reason. Any other code is an
// endpoint's own affair and goes nowhere.
const (
	codeInvalidRecipient    = "invalid_recipient"
	codeSuppressedRecipient = "suppressed_recipient"
)

// accepts says whether the status means that the endpoint has taken responsibility for the mail.
func accepts(status int) bool {
	switch status {
	case http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent:
		return true
	default:
		return false
	}
}

// failureOf classifies an answer that does not accept the mail.
//
// A 409 is an endpoint that has seen the webhook-id before, from an instance whose answer was lost. It may have sent
// that mail, and nobody can say.
func failureOf(answer httpclient.Answer) *providers.Error {
	switch answer.Status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return refusalOf(answer)
	case http.StatusConflict:
		return answer.Failure(providers.KindAmbiguous, "seen before")
	default:
		return answer.Failure(httpclient.KindOfStatus(answer.Status), "")
	}
}

// refusalOf blames the recipient only where the endpoint says so in a word of the contract: an invalid address stops the
// failing over, so that anything else must not be taken for one.
func refusalOf(answer httpclient.Answer) *providers.Error {
	var problem struct {
		Code string `json:"code"`
	}
	_ = json.Unmarshal(answer.Body, &problem) // a body of another shape has no code
	switch problem.Code {
	case codeInvalidRecipient:
		return answer.Failure(providers.KindInvalidAddress, codeInvalidRecipient)
	case codeSuppressedRecipient:
		return answer.Failure(providers.KindRefused, codeSuppressedRecipient)
	default:
		return answer.Failure(providers.KindConfig, "")
	}
}
