package handler

import (
	"errors"
	"net/http"
	"time"

	"byoe/auth"
	"byoe/b2c"
	"byoe/b2c/credential"
	"byoe/delivery"
	"byoe/event"
	"byoe/message"
)

// verifyMost is how long a call may wait for signing keys, from its arrival.
const verifyMost = time.Second

// retryAfter is what a caller is told where we cannot serve for a moment, in seconds.
const retryAfter = "1"

// reply is an answer: its status, its stable code, and a detail that holds nothing private. A status of 200 is success.
type reply struct {
	status int
	code   string
	detail string
}

// replyOf is, with replyTo, the one place where an error becomes a status. What is not listed is our own fault.
func replyOf(err error) reply {
	if _, ok := errors.AsType[*auth.Refusal](err); ok {
		return reply{http.StatusUnauthorized, "token_refused", ""}
	}
	if _, ok := errors.AsType[*credential.Refusal](err); ok {
		return reply{http.StatusUnauthorized, "credential_refused", ""}
	}
	if invalid, ok := errors.AsType[*event.Error](err); ok {
		return reply{http.StatusBadRequest, "not_this_event", invalid.Error()}
	}
	if invalid, ok := errors.AsType[*b2c.Error](err); ok {
		return reply{http.StatusBadRequest, "not_these_claims", invalid.Error()}
	}
	for _, known := range []struct {
		err error
		reply
	}{
		{auth.ErrKeysUnavailable, reply{http.StatusServiceUnavailable, "keys_unavailable", ""}},
		{errMediaType, reply{http.StatusUnsupportedMediaType, "media_type", errMediaType.Error()}},
		{errBodyTooLarge, reply{http.StatusRequestEntityTooLarge, "body_too_large", ""}},
		{errBody, reply{http.StatusBadRequest, "body_unreadable", ""}},
		{errTenant, reply{http.StatusForbidden, "tenant_not_allowed", errTenant.Error()}},
		{b2c.ErrTenant, reply{http.StatusForbidden, "tenant_not_allowed", b2c.ErrTenant.Error()}},
		{errApp, reply{http.StatusForbidden, "app_not_allowed", errApp.Error()}},
		{errExtension, reply{http.StatusForbidden, "extension_not_allowed", errExtension.Error()}},
		{message.ErrInvalidAddress, reply{http.StatusUnprocessableEntity, "invalid_address", ""}},
	} {
		if errors.Is(err, known.err) {
			return known.reply
		}
	}
	return reply{http.StatusInternalServerError, "internal", ""}
}

// replyTo maps what became of the mail. Only an accepted mail is a 200: on anything else Entra tells the person,
// or lets Microsoft send the code where the owner switched that on. A 200 for a mail that nobody has leaves the person
// waiting for ever.
func replyTo(r delivery.Result) reply {
	switch r {
	case delivery.Accepted, delivery.Dropped: // dropped: the owner's explicit wish (RECIPIENT_REFUSAL)
		return reply{status: http.StatusOK}
	case delivery.RecipientDenied:
		return reply{http.StatusUnprocessableEntity, "recipient_denied", ""}
	case delivery.RecipientLimited:
		return reply{http.StatusTooManyRequests, "recipient_limited", ""}
	case delivery.InvalidAddress:
		return reply{http.StatusUnprocessableEntity, "invalid_address", ""}
	case delivery.RecipientRefused:
		return reply{http.StatusUnprocessableEntity, "recipient_refused", ""}
	case delivery.Overloaded:
		return reply{http.StatusServiceUnavailable, "overloaded", ""}
	case delivery.TimeSpent:
		return reply{http.StatusGatewayTimeout, "time_spent", ""}
	case delivery.ProvidersFailed:
		return reply{http.StatusBadGateway, "providers_failed", ""}
	default:
		return reply{http.StatusInternalServerError, "internal", ""}
	}
}

// userMessageFor says what a person at a B2C policy's page is told in a reply's place. B2C shows them the text of a 409 and
// nothing of any other status, so whatever is about their address or our sending becomes a 409; what is the policy's own
// mistake, or ours, stays what it is.
func userMessageFor(f reply) (say b2c.UserMessage, shown bool) {
	switch f.code {
	case "invalid_address", "recipient_denied", "recipient_refused":
		return b2c.AddressUnusable, true
	case "recipient_limited":
		return b2c.TooManyCodes, true
	case "overloaded", "time_spent", "providers_failed":
		return b2c.NotSent, true
	default:
		return 0, false
	}
}
