package handler

import (
	"net/http"
	"testing"

	"byoe/b2c"
	"byoe/delivery"
)

// A result that nobody thought of must not be told as if it were the person's to mend, nor as a success.
func TestEveryResultIsToldToTheRightOne(t *testing.T) {
	t.Parallel()
	for result, want := range map[delivery.Result]b2c.UserMessage{
		delivery.Accepted: 0, delivery.Dropped: 0,
		delivery.InvalidAddress: b2c.AddressUnusable, delivery.RecipientRefused: b2c.AddressUnusable, delivery.RecipientDenied: b2c.AddressUnusable,
		delivery.RecipientLimited: b2c.TooManyCodes,
		delivery.ProvidersFailed:  b2c.NotSent, delivery.TimeSpent: b2c.NotSent, delivery.Overloaded: b2c.NotSent,
		delivery.Dropped + 1: 0,
	} {
		f := replyTo(result)
		say, shown := userMessageFor(f)
		if say != want || shown != (want != 0) || (f.status == http.StatusOK) != (result == delivery.Accepted || result == delivery.Dropped) {
			t.Errorf("%s: status %d, message %d (%v), want %d", result, f.status, say, shown, want)
		}
	}
}
