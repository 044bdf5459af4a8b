package acs

import (
	"encoding/json"
	"net/http"
	"strings"

	"byoe/providers"
	"byoe/providers/httpclient"
)

// complaint is the error of an answer. The message is compared with phrases known beforehand and goes nowhere else: it quotes
// addresses.
type complaint struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func complaintIn(answer httpclient.Answer) complaint {
	var body struct {
		Error complaint `json:"error"`
	}
	_ = json.Unmarshal(answer.Body, &body) // an answer of another shape has no complaint
	return body.Error
}

// inProgress knows the answer to a repeated request whose first is not through yet: nothing has been accepted.
func inProgress(answer httpclient.Answer) bool { return answer.Status == http.StatusConflict }

// failureOf classifies an answer that is not 202. Only a known code may stand in an error's text: the field is the vendor's to
// fill in.
func failureOf(answer httpclient.Answer) *providers.Error {
	c := complaintIn(answer)
	switch {
	case answer.Status == http.StatusPreconditionFailed:
		// Outside of the window in which a request can be repeated: whether the first one was accepted nobody can say.
		return answer.Failure(providers.KindAmbiguous, "repeatability")
	case answer.Status == http.StatusUnauthorized && strings.Contains(strings.ToLower(c.Message), "time difference"):
		return answer.Failure(providers.KindAuth, "clock skew")
	case answer.Status < http.StatusBadRequest || answer.Status >= http.StatusInternalServerError:
		return answer.Failure(httpclient.KindOfStatus(answer.Status), "")
	}
	switch c.Code {
	case "DomainNotLinked", "InvalidSenderUserName", "InvalidSenderAddress", "EmailSenderAddressNotAllowed":
		return answer.Failure(providers.KindConfig, c.Code)
	case "Denied", "Unauthorized", "Forbidden":
		return answer.Failure(httpclient.KindOfStatus(answer.Status), c.Code)
	case "TooManyRequests":
		return answer.Failure(providers.KindThrottled, c.Code)
	}
	// Behind the codes: one that names the sender must not be taken for the recipient's, for whom nobody else is asked then.
	if answer.Status == http.StatusBadRequest && aboutRecipient(c.Message) {
		return answer.Failure(providers.KindInvalidAddress, "recipient")
	}
	return answer.Failure(httpclient.KindOfStatus(answer.Status), "")
}

// aboutRecipient knows how the service says that the address cannot be one. The sender's was checked at the start.
func aboutRecipient(prose string) bool {
	return strings.Contains(strings.ToLower(prose), "invalid format for email address")
}
