package resend

import (
	"encoding/json"
	"net/http"
	"strings"

	"byoe/providers"
	"byoe/providers/httpclient"
)

// complaint is the body of an error answer. The message is compared with phrases known beforehand and goes nowhere else: it
// quotes addresses.
type complaint struct {
	Name    string `json:"name"`
	Message string `json:"message"`
}

func complaintIn(answer httpclient.Answer) complaint {
	var c complaint
	_ = json.Unmarshal(answer.Body, &c) // an answer of another shape has no complaint
	return c
}

// inProgress knows the answer to a key whose first request is not through yet: nothing has been accepted.
func inProgress(answer httpclient.Answer) bool {
	return answer.Status == http.StatusConflict && complaintIn(answer).Name == "concurrent_idempotent_requests"
}

// failureOf classifies an answer that does not accept the mail (Resend's page of errors). Only a known name may stand in an
// error's text: the field is the vendor's to fill in.
func failureOf(answer httpclient.Answer) *providers.Error {
	c := complaintIn(answer)
	kind, known := kindOfName(answer.Status, c.Name)
	switch {
	case !known:
		return answer.Failure(httpclient.KindOfStatus(answer.Status), "")
	case kind == providers.KindConfig && aboutRecipient(c.Message):
		return answer.Failure(providers.KindInvalidAddress, c.Name)
	default:
		return answer.Failure(kind, c.Name)
	}
}

// kindOfName counts a name only beside a status that refuses. invalid_idempotent_request means that a request with another
// body came before under this key: whether that mail was accepted nobody can say.
func kindOfName(status int, name string) (kind providers.Kind, known bool) {
	if status < http.StatusBadRequest {
		return providers.KindAmbiguous, false
	}
	switch name {
	case "missing_api_key", "invalid_api_key", "restricted_api_key", "invalid_access":
		return providers.KindAuth, true
	case "validation_error", "invalid_idempotency_key", "invalid_from_address", "invalid_parameter", "invalid_region",
		"missing_required_field", "missing_required_fields", "invalid_attachment", "not_found", "method_not_allowed",
		"security_error":
		return providers.KindConfig, true
	case "rate_limit_exceeded", "daily_quota_exceeded", "monthly_quota_exceeded":
		return providers.KindThrottled, true
	case "application_error", "internal_server_error":
		return providers.KindTemporary, true
	case "invalid_idempotent_request":
		return providers.KindAmbiguous, true
	default:
		return providers.KindAmbiguous, false
	}
}

// aboutRecipient knows the sentences that Resend has for a recipient that cannot be one. An invalid address stops the
// failing over, so that anything else must not be taken for one.
func aboutRecipient(prose string) bool {
	prose = strings.ToLower(prose)
	return strings.HasPrefix(prose, "invalid `to` field") || strings.Contains(prose, "we cannot send to") ||
		strings.Contains(prose, "use our testing email address instead of domains like")
}
