package sendgrid

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"byoe/providers"
	"byoe/providers/httpclient"
)

// complaint is one entry of an error answer's "errors". The message is compared with phrases known beforehand and goes
// nowhere else: it quotes addresses.
type complaint struct {
	Message string `json:"message"`
	Field   string `json:"field"`
}

// failureOf classifies an answer that accepts nothing (Twilio error pages 60604 and 60222 and the API reference).
func failureOf(answer httpclient.Answer) *providers.Error {
	complaints := complaintsIn(answer.Body)
	switch answer.Status {
	case http.StatusBadRequest:
		return badRequest(answer, complaints)
	case http.StatusUnauthorized:
		return unauthorized(answer, complaints)
	case http.StatusForbidden:
		return forbidden(answer, complaints)
	default:
		return answer.Failure(httpclient.KindOfStatus(answer.Status), "")
	}
}

// badRequest blames the address only where every complaint is about the recipient: an invalid address stops the
// failing over, so that anything else must not be taken for one.
func badRequest(answer httpclient.Answer, complaints []complaint) *providers.Error {
	other := slices.IndexFunc(complaints, func(c complaint) bool { return !aboutRecipient(c.Field) })
	switch {
	case len(complaints) == 0:
		return answer.Failure(providers.KindConfig, "")
	case other == -1:
		return answer.Failure(providers.KindInvalidAddress, "personalizations.to")
	default:
		return answer.Failure(providers.KindConfig, knownField(complaints[other].Field))
	}
}

func unauthorized(answer httpclient.Answer, complaints []complaint) *providers.Error {
	switch {
	case anySays(complaints, "maximum credits exceeded"):
		// A quota in the clothes of an authentication error.
		return answer.Failure(providers.KindThrottled, "credits")
	case anySays(complaints, "not authorized to send mail"):
		return answer.Failure(providers.KindConfig, "not authorized to send")
	default:
		return answer.Failure(providers.KindAuth, "")
	}
}

func forbidden(answer httpclient.Answer, complaints []complaint) *providers.Error {
	fromField := slices.ContainsFunc(complaints, func(c complaint) bool { return firstSegment(c.Field) == "from" })
	if fromField || anySays(complaints, "verified sender identity") {
		return answer.Failure(providers.KindConfig, "sender not verified")
	}
	return answer.Failure(providers.KindAuth, "")
}

// complaintsIn reads what it can; an answer of another shape has no complaints, one odd entry does not hide the others.
func complaintsIn(body []byte) []complaint {
	var answer struct {
		Errors []complaint `json:"errors"`
	}
	_ = json.Unmarshal(body, &answer)
	return answer.Errors
}

func anySays(complaints []complaint, phrase string) bool {
	return slices.ContainsFunc(complaints, func(c complaint) bool {
		return strings.Contains(strings.ToLower(c.Message), phrase)
	})
}

// aboutRecipient knows personalizations.0.to.0.email and its kin, and does not take a template's variable of the name "to"
// for one.
func aboutRecipient(field string) bool {
	segments := strings.Split(field, ".")
	return len(segments) > 2 && segments[0] == "personalizations" && segments[2] == "to"
}

// knownField returns the field's first word if it is one of the request's own, for the error's code: whatever else the
// vendor fills in stays out of the log.
func knownField(field string) string {
	first := firstSegment(field)
	known := []string{
		"from", "reply_to", "subject", "content", "template_id", "headers", "custom_args", "personalizations",
		"mail_settings", "tracking_settings",
	}
	if slices.Contains(known, first) {
		return first
	}
	return ""
}

func firstSegment(field string) string {
	first, _, _ := strings.Cut(field, ".")
	return first
}
