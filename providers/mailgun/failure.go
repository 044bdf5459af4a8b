package mailgun

import (
	"encoding/json"
	"net/http"
	"strings"

	"byoe/providers"
	"byoe/providers/httpclient"
)

// failureOf classifies an answer that does not accept the mail (Mailgun's page of responses). Mailgun has no codes but the
// status; its message is compared with phrases known beforehand and goes nowhere else, because it quotes addresses.
func failureOf(answer httpclient.Answer) *providers.Error {
	message, isJSON := messageIn(answer)
	switch answer.Status {
	case http.StatusBadRequest:
		return badRequest(answer, message)
	case http.StatusForbidden:
		if strings.Contains(message, "authorized recipients") {
			// A sandbox domain mails only to those whom the owner has listed.
			return answer.Failure(providers.KindConfig, "sandbox domain")
		}
	case http.StatusNotFound:
		if !isJSON {
			// Mailgun's own 404 is JSON and means the domain; this is a wrong address or region.
			return answer.Failure(providers.KindConfig, "no API here")
		}
		return answer.Failure(providers.KindConfig, "domain")
	}
	return answer.Failure(httpclient.KindOfStatus(answer.Status), "")
}

// badRequest blames the address only where Mailgun names the parameter: an invalid address stops the failing over, so that
// anything else must not be taken for one.
func badRequest(answer httpclient.Answer, message string) *providers.Error {
	switch {
	case !strings.Contains(message, "is not a valid address"):
		return answer.Failure(providers.KindConfig, "")
	case strings.HasPrefix(message, "to parameter"), strings.HasPrefix(message, "'to' parameter"):
		return answer.Failure(providers.KindInvalidAddress, "to")
	default:
		return answer.Failure(providers.KindConfig, "address")
	}
}

// messageIn returns the answer's message in small letters, and whether the answer is one of Mailgun's API.
func messageIn(answer httpclient.Answer) (message string, isJSON bool) {
	var body struct {
		Message string `json:"message"`
	}
	err := json.Unmarshal(answer.Body, &body)
	return strings.ToLower(body.Message), err == nil
}
