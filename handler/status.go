package handler

import (
	"errors"
	"net/http"
	"time"

	"byoe/auth"
	"byoe/delivery"
	"byoe/event"
	"byoe/message"
)

// verifyMost is how long a call may wait for signing keys, from its arrival.
const verifyMost = time.Second

// retryAfter is what a caller is told where we cannot serve for a moment, in seconds.
const retryAfter = "1"

// failure is an answer: its status, its stable code, and a detail that holds nothing private. A status of 200 is success.
type failure struct {
	status int
	code   string
	detail string
}

// failureOf is the one place where an error becomes a status. What is not listed is our own fault.
func failureOf(err error) failure {
	if _, ok := errors.AsType[*auth.Refusal](err); ok {
		return failure{http.StatusUnauthorized, "token_refused", ""}
	}
	if invalid, ok := errors.AsType[*event.Error](err); ok {
		return failure{http.StatusBadRequest, "not_this_event", invalid.Error()}
	}
	for _, known := range []struct {
		err error
		failure
	}{
		{auth.ErrKeysUnavailable, failure{http.StatusServiceUnavailable, "keys_unavailable", ""}},
		{errMediaType, failure{http.StatusUnsupportedMediaType, "media_type", errMediaType.Error()}},
		{errBodyTooLarge, failure{http.StatusRequestEntityTooLarge, "body_too_large", ""}},
		{errBody, failure{http.StatusBadRequest, "body_unreadable", ""}},
		{errTenant, failure{http.StatusForbidden, "tenant_not_allowed", errTenant.Error()}},
		{errApp, failure{http.StatusForbidden, "app_not_allowed", errApp.Error()}},
		{errExtension, failure{http.StatusForbidden, "extension_not_allowed", errExtension.Error()}},
		{message.ErrInvalidAddress, failure{http.StatusUnprocessableEntity, "invalid_address", ""}},
	} {
		if errors.Is(err, known.err) {
			return known.failure
		}
	}
	return failure{http.StatusInternalServerError, "internal", ""}
}

// failureOfResult maps what became of the mail. Only an accepted mail is a 200: on anything else Entra tells the person,
// or lets Microsoft send the code where the owner switched that on. A 200 for a mail that nobody has leaves the person
// waiting for ever.
func failureOfResult(r delivery.Result) failure {
	switch r {
	case delivery.Accepted, delivery.Dropped: // dropped: the owner's explicit wish (RECIPIENT_REFUSAL)
		return failure{status: http.StatusOK}
	case delivery.RecipientDenied:
		return failure{http.StatusUnprocessableEntity, "recipient_denied", ""}
	case delivery.RecipientLimited:
		return failure{http.StatusTooManyRequests, "recipient_limited", ""}
	case delivery.InvalidAddress:
		return failure{http.StatusUnprocessableEntity, "invalid_address", ""}
	case delivery.RecipientRefused:
		return failure{http.StatusUnprocessableEntity, "recipient_refused", ""}
	case delivery.Overloaded:
		return failure{http.StatusServiceUnavailable, "overloaded", ""}
	case delivery.TimeSpent:
		return failure{http.StatusGatewayTimeout, "time_spent", ""}
	case delivery.ProvidersFailed:
		return failure{http.StatusBadGateway, "providers_failed", ""}
	default:
		return failure{http.StatusInternalServerError, "internal", ""}
	}
}
