package postmark

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"byoe/providers"
	"byoe/providers/httpclient"
)

// complaint is the body of an error answer. The message is compared with phrases known beforehand and goes nowhere else: it
// quotes addresses ("Found inactive addresses: …").
type complaint struct {
	ErrorCode int
	Message   string
}

// failureOf classifies an answer that does not accept the mail (Postmark's list of API error codes). The code is a number,
// and stands in the error's text only where it is on the list.
func failureOf(answer httpclient.Answer) *providers.Error {
	var c complaint
	_ = json.Unmarshal(answer.Body, &c) // an answer of another shape has no complaint
	kind, known := kindOfCode(c)
	if !known || answer.Status == http.StatusTooManyRequests || answer.Status >= http.StatusInternalServerError {
		return answer.Failure(httpclient.KindOfStatus(answer.Status), "")
	}
	return answer.Failure(kind, strconv.Itoa(c.ErrorCode))
}

func kindOfCode(c complaint) (kind providers.Kind, known bool) {
	switch c.ErrorCode {
	case 10: // no or wrong server token
		return providers.KindAuth, true
	case 100: // maintenance
		return providers.KindTemporary, true
	case 300: // invalid email request
		if aboutRecipient(c.Message) {
			return providers.KindInvalidAddress, true
		}
		return providers.KindConfig, true
	case 400, 401, // sender signature not found, not confirmed
		402, 403, 409, 410, 411, // what we sent is not what the endpoint takes
		412, 413: // the account is pending, or may not send
		return providers.KindConfig, true
	case 405: // out of credits
		return providers.KindThrottled, true
	case 406: // inactive recipient: it bounced or complained here, which another vendor does not know of
		return providers.KindRefused, true
	default:
		return providers.KindAmbiguous, false
	}
}

// aboutRecipient knows how Postmark says that the recipient cannot be one. An invalid address stops the failing over, so
// that anything else must not be taken for one.
func aboutRecipient(prose string) bool {
	prose = strings.ToLower(prose)
	return strings.Contains(prose, "invalid 'to' address") || strings.Contains(prose, "error parsing 'to'")
}
