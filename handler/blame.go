package handler

import (
	"byoe/delivery"
	"byoe/providers"
)

// Blame says on whose side the cause of an answer lies, in a word for logs and metrics: it tells an operator whom to turn to.
type Blame string

// The sides.
const (
	BlameNone      Blame = "none"
	BlameCaller    Blame = "caller"    // not Entra's token, or not its event; the same of a policy's call
	BlameEntra     Blame = "entra"     // its signing keys are not to be had
	BlameRecipient Blame = "recipient" // the address is wrong, or refused
	BlameOwner     Blame = "owner"     // the owner's settings: an allow-list, a limit, a vendor's key
	BlameProvider  Blame = "provider"
	BlameByoe      Blame = "byoe" // ours: overload, a bug
)

// Blame is the side on which the cause of the call's answer lies.
func (r *Report) Blame() Blame {
	switch r.Code {
	case "":
		return BlameNone
	case "token_refused", "credential_refused", "not_these_claims", "media_type", "body_too_large", "body_unreadable", "not_this_event":
		return BlameCaller
	case "keys_unavailable":
		return BlameEntra
	case "invalid_address", "recipient_refused":
		return BlameRecipient
	case "tenant_not_allowed", "app_not_allowed", "extension_not_allowed", "recipient_denied", "recipient_limited":
		return BlameOwner
	case "providers_failed":
		if r.Outcome != nil && onlyOwnersFaults(r.Outcome.Attempts) {
			return BlameOwner
		}
		return BlameProvider
	case "time_spent":
		return BlameProvider
	default:
		return BlameByoe
	}
}

// onlyOwnersFaults says that each provider failed for what the owner set up: a vendor that is down besides is what an
// operator must hear of first.
func onlyOwnersFaults(attempts []delivery.Attempt) bool {
	for _, a := range attempts {
		if kind := providers.KindOf(a.Err); kind != providers.KindAuth && kind != providers.KindConfig {
			return false
		}
	}
	return len(attempts) > 0
}
