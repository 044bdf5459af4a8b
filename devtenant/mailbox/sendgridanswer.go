package mailbox

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// retryAfter is what a throttled client is told. It is short: who clears the fault wants to see mail again.
const retryAfter = 5 * time.Second

// refusalOf returns the answer that a fault consists of, or nil where it is something else than an answer. What is said of
// the sender (Twilio error 60222) and of the address are SendGrid's own words and fields: clients tell the two from other
// refusals by them.
func refusalOf(fault Fault) *refusal {
	switch fault {
	case FaultRefuse:
		return refuseWith(http.StatusForbidden, "The from address does not match a verified Sender Identity. "+
			"Mail cannot be sent until this error is resolved.", "from")
	case FaultRecipient:
		return refuseWith(http.StatusBadRequest, notAnAddress, "personalizations.0.to.0.email")
	case FaultThrottle:
		return refuseWith(http.StatusTooManyRequests, "too many requests", "")
	case FaultNone, FaultHang, FaultLose, FaultDown:
	}
	return nil
}

// refusal is an answer in SendGrid's form.
type refusal struct {
	status int
	Errors []complaint `json:"errors"`
}

// complaint is one thing that is wrong. Field and Help are null where there is nothing to name.
type complaint struct {
	Message string  `json:"message"`
	Field   *string `json:"field"`
	Help    *string `json:"help"`
}

func refuseWith(status int, message, field string) *refusal {
	return &refusal{status: status, Errors: []complaint{complain(message, field)}}
}

func complain(message, field string) complaint {
	c := complaint{Message: message}
	if field != "" {
		c.Field = &field
	}
	return c
}

// write answers.
func (r *refusal) write(w http.ResponseWriter) {
	body, err := json.Marshal(r)
	if err != nil { // a struct of strings can always be encoded
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if r.status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
		w.Header().Set("X-RateLimit-Remaining", "0")
		w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(retryAfter).Unix(), 10))
	}
	w.WriteHeader(r.status)
	_, _ = w.Write(body) // a client that has gone needs no answer
}
