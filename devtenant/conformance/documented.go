package conformance

import (
	"context"
	"net/http"
)

// documentedChecks are about the baseline.
func documentedChecks() []check {
	return []check{
		{id: "event.documented", title: "the documented event is answered with 200 in time", run: checkDocumented},
		{id: "mail.arrives", title: "a 200 means that there is a mail", needs: anAnswer, run: checkArrives},
	}
}

func checkDocumented(_ context.Context, r *run) finding {
	b := r.base
	switch {
	case b.err != nil:
		return failed("Give an address of the form http://host/path", "%s", b.err)
	case b.lowerCase:
		return failed("Microsoft's documentation writes oneTimeCode, its C# sample onetimecode: read the name without regard to letter case",
			"with oneTimeCode, as the documentation has it, it answered %d; with onetimecode 200", b.last.Status)
	case !b.accepted && b.last.Status != 0:
		return failed(b.last.Refusal.Remedy, "answered %d in %s", b.last.Status, words(b.last.Total()))
	case !b.accepted:
		return failed(b.last.Refusal.Remedy, "%s; attempts: %d", b.last.Refusal.Detail, b.attempts)
	case b.attempts > 1:
		return passed("the first attempt timed out, and Entra's retry was answered in %s", words(b.answer.Total()))
	default:
		return passed("answered %d in %s", http.StatusOK, words(b.answer.Total()))
	}
}

func checkArrives(_ context.Context, r *run) finding {
	if r.base.mail != nil {
		return passed("it came by %s", standIn(r.base.mail.Provider))
	}
	return failed("Either the webhook says 200 for a mail that nobody took, and then Entra's fallback never fires and people wait in vain; or it "+
		"delivers elsewhere: point its SMTP at "+r.tenant.MailboxAddr()+" or its SendGrid base URL at "+r.tenant.SendGridURL(),
		"200 without a mail: nothing arrived in the tenant's mailbox within %s", words(arrival))
}
