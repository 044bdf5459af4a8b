package sendgrid

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sendgrid/rest"

	"byoe/providers"
	"byoe/providers/httpclient"
)

// complaint is one entry of an error answer's "errors". The message is compared with phrases known beforehand and goes
// nowhere else: it quotes addresses.
type complaint struct {
	Message string `json:"message"`
	Field   string `json:"field"`
}

// failureOf classifies an answer that is not 202 (Twilio error pages 60604 and 60222 and the API reference).
func failureOf(answer *rest.Response, now time.Time) *providers.Error {
	code := strconv.Itoa(answer.StatusCode)
	switch status := answer.StatusCode; {
	case status == http.StatusBadRequest:
		return badRequest(complaintsIn(answer.Body))
	case status == http.StatusUnauthorized:
		return unauthorized(complaintsIn(answer.Body), now, answer)
	case status == http.StatusForbidden:
		return forbidden(complaintsIn(answer.Body))
	case status == http.StatusTooManyRequests:
		return throttled(code, now, answer)
	case status == http.StatusRequestTimeout, status >= http.StatusInternalServerError:
		return &providers.Error{Kind: providers.KindTemporary, Code: code, RetryAfter: retryAfter(answer, now)}
	case status < http.StatusMultipleChoices:
		// Not this API's answer: nobody can say what a 200 of something in between has done with the mail.
		return &providers.Error{Kind: providers.KindAmbiguous, Code: code}
	default:
		return &providers.Error{Kind: providers.KindConfig, Code: code}
	}
}

// badRequest blames the address only where every complaint is about the recipient: an invalid address stops the
// failing over, so that anything else must not be taken for one.
func badRequest(complaints []complaint) *providers.Error {
	other := slices.IndexFunc(complaints, func(c complaint) bool { return !aboutRecipient(c.Field) })
	switch {
	case len(complaints) == 0:
		return &providers.Error{Kind: providers.KindConfig, Code: "400"}
	case other == -1:
		return &providers.Error{Kind: providers.KindInvalidAddress, Code: "400 personalizations.to"}
	default:
		return &providers.Error{Kind: providers.KindConfig, Code: strings.TrimSpace("400 " + knownField(complaints[other].Field))}
	}
}

func unauthorized(complaints []complaint, now time.Time, answer *rest.Response) *providers.Error {
	switch {
	case anySays(complaints, "maximum credits exceeded"):
		// A quota in the clothes of an authentication error.
		return throttled("401 credits", now, answer)
	case anySays(complaints, "not authorized to send mail"):
		return &providers.Error{Kind: providers.KindConfig, Code: "401 not authorized to send"}
	default:
		return &providers.Error{Kind: providers.KindAuth, Code: "401"}
	}
}

func forbidden(complaints []complaint) *providers.Error {
	fromField := slices.ContainsFunc(complaints, func(c complaint) bool { return firstSegment(c.Field) == "from" })
	if fromField || anySays(complaints, "verified sender identity") {
		return &providers.Error{Kind: providers.KindConfig, Code: "403 sender not verified"}
	}
	return &providers.Error{Kind: providers.KindAuth, Code: "403"}
}

func throttled(code string, now time.Time, answer *rest.Response) *providers.Error {
	return &providers.Error{Kind: providers.KindThrottled, Code: code, RetryAfter: retryAfter(answer, now)}
}

func retryAfter(answer *rest.Response, now time.Time) time.Duration {
	return httpclient.RetryAfter(http.Header(answer.Headers), now)
}

// complaintsIn reads what it can; an answer of another shape has no complaints, one odd entry does not hide the others.
func complaintsIn(body string) []complaint {
	var answer struct {
		Errors []complaint `json:"errors"`
	}
	_ = json.Unmarshal([]byte(body), &answer)
	return answer.Errors
}

func anySays(complaints []complaint, phrase string) bool {
	return slices.ContainsFunc(complaints, func(c complaint) bool {
		return strings.Contains(strings.ToLower(c.Message), phrase)
	})
}

// aboutRecipient knows personalizations.0.to.0.email and its kin.
func aboutRecipient(field string) bool {
	segments := strings.Split(field, ".")
	return segments[0] == "personalizations" && slices.Contains(segments, "to")
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
