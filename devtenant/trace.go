package devtenant

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"byoe/devtenant/mailbox"
)

// trace is everything that is known of one call, for a page.
type trace struct {
	Call

	// Words are the outcome for a person who does not know the wire; Entra is what a sign-in page or a log would show of a
	// failure.
	Words, Entra string
	Steps        []step
	Submissions  []mailbox.Submission
	Mails        []mailSummary
	Curl         string
}

// step is one attempt, ready to read.
type step struct {
	Attempt

	Number                int
	Claims, Sent, Replied string
}

// trace puts together what the tenant, its providers and its mailbox know of a call.
func (t *Tenant) trace(call Call) trace {
	tr := trace{Call: call, Submissions: t.submissionsOf(call), Curl: t.curl(call)}
	tr.Words, tr.Entra = outcomeInWords(call)
	for i, attempt := range call.Attempts {
		tr.Steps = append(tr.Steps, step{
			Attempt: attempt, Number: i + 1,
			Claims: claimsOf(attempt.Bearer.Reveal()), Sent: indented([]byte(attempt.Event.Reveal())), Replied: indented(attempt.Body),
		})
	}
	for _, mail := range t.mailbox.Mails() {
		if mail.Code == call.Code.Reveal() && sentTo(mail.To, call.SignIn.To) && !mail.Received.Before(call.At) {
			tr.Mails = append(tr.Mails, t.summary(mail))
		}
	}
	return tr
}

// outcomeInWords tells what became of the code, and what Entra would show. The application gets AADSTS1100001 with the inner
// code; the hosted page says no more than that something went wrong (reported by users of the extension).
func outcomeInWords(e Call) (words, entra string) {
	last := e.Last()
	if e.Caller == Policy {
		return policyInWords(last), ""
	}
	retried := ""
	if len(e.Attempts) > 1 {
		retried = " in the second call"
	}
	switch {
	case e.Accepted():
		return "The webhook says" + retried + " that a provider has the mail. The sign-in goes on.", ""
	case e.Fallback != "":
		words = "The webhook failed" + retried + ", and Microsoft sent a mail of its own, because fallback is on. The sign-in goes on."
	default:
		words = "The webhook failed" + retried + ", and nobody sent a mail. The person sees: “There was an issue looking up your account. Tap Next to try again.”"
	}
	return words, "AADSTS1100001 / " + last.Refusal.String()
}

// policyInWords tells what a B2C policy makes of the answer.
func policyInWords(a Attempt) string {
	switch {
	case a.Accepted():
		return "The webhook says that a provider has the mail. The policy goes on."
	case a.UserMessage != "":
		return "The webhook did not send the mail. The person reads: “" + a.UserMessage + "”"
	default:
		return "The webhook failed, and nobody sent a mail. The person reads the policy's DefaultUserMessageIfRequestFailed, or a sentence of Microsoft's."
	}
}

// submissionsOf are the attempts to hand over the mail of one call: those for its recipient from its beginning until the next
// call for the same. A provider that refuses early never learns who the mail was for; those count for everybody.
func (t *Tenant) submissionsOf(call Call) []mailbox.Submission {
	var until time.Time
	for _, other := range t.calls.all() {
		if other.At.After(call.At) && strings.EqualFold(other.SignIn.To, call.SignIn.To) {
			until = other.At // the list is newest first: the last that fits is the next
		}
	}
	var found []mailbox.Submission
	for _, s := range t.mailbox.Submissions() {
		if s.At.Before(call.At) || !until.IsZero() && !s.At.Before(until) || len(s.To) > 0 && !sentTo(s.To, call.SignIn.To) {
			continue
		}
		found = append([]mailbox.Submission{s}, found...) // oldest first
	}
	return found
}

func sentTo(recipients []string, to string) bool {
	for _, recipient := range recipients {
		if strings.EqualFold(recipient, to) {
			return true
		}
	}
	return false
}

// claimsOf returns the claims of a token that the tenant signed itself.
func claimsOf(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	return indented(claims)
}

// indented makes JSON readable, and leaves alone what is none.
func indented(text []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, text, "", "  ") != nil {
		return strings.ToValidUTF8(string(text), "\uFFFD")
	}
	return b.String()
}

// curl is the call for a terminal. The token is fetched anew: one that is printed is old tomorrow.
func (t *Tenant) curl(call Call) string {
	if call.Caller == Policy {
		return t.b2cCurl(call)
	}
	return "TOKEN=$(curl -s -d grant_type=client_credentials " + shellQuoted(t.tokenEndpoint()) + " |\n" +
		"  sed -n 's/.*\"access_token\": *\"\\([^\"]*\\)\".*/\\1/p')\n" +
		"curl -i -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\\n" +
		"  --data-binary " + shellQuoted(call.Attempts[0].Event.Reveal()) + " " + shellQuoted(call.Webhook)
}

// shellQuoted makes one word of a POSIX shell.
func shellQuoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
