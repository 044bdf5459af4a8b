package doctor

import (
	"context"

	"byoe/providers"
)

const groupProviders = "providers"

// Provider looks at one provider: whether it would take the mail of the submission, and what its vendor tells of the
// account. A provider of whose own settings something is wrong is nil.
func Provider(name string, p providers.Provider, s providers.Submission, senders []providers.Sender) []Check {
	checks := []Check{{
		ID: "provider." + name, Title: name + ": mail", Group: groupProviders,
		Look: func(ctx context.Context) []Result { return []Result{tryMail(ctx, p, s)} },
	}}
	examiner, can := p.(providers.Examiner)
	if !can {
		return checks
	}
	return append(checks, Check{
		ID: "provider." + name + ".account", Title: name + ": account", Group: groupProviders,
		Look: func(ctx context.Context) []Result { return told(name, examiner.Examine(ctx, senders)) },
	})
}

// tryMail asks the vendor to take the mail without anybody getting it.
func tryMail(ctx context.Context, p providers.Provider, s providers.Submission) Result {
	if p == nil {
		return skip("its settings are wrong", "Mend what is told under settings")
	}
	checker, can := p.(providers.Checker)
	if !can {
		return skip("the vendor has no way to try a mail", "Send one with byoe send --to")
	}
	proven, err := checker.Check(ctx, s)
	if err != nil {
		return fail(err.Error(), remedyOf(providers.KindOf(err)))
	}
	return ok(proven)
}

// remedyOf is what to do about a kind of failure; the code in the evidence says more.
func remedyOf(kind providers.Kind) string {
	switch kind {
	case providers.KindAuth:
		return "Give the key once more, and see in the vendor's console that it is active and may send"
	case providers.KindConfig:
		return "Verify the sender's address or domain at the vendor, and see that base URL and region are those of the account"
	case providers.KindThrottled:
		return "Wait, or raise the quota at the vendor; name a second provider in MAIL_PROVIDERS for such times"
	case providers.KindTemporary:
		return "Let this machine reach the vendor; look at firewalls, proxies and the vendor's status page"
	case providers.KindRefused, providers.KindInvalidAddress:
		return "The vendor refuses the sender's own address as a recipient: look for it on the vendor's suppression list"
	case providers.KindAmbiguous:
		return "The vendor did not answer in time or not in its own way: look at its status page, and at the base URL"
	default:
		return ""
	}
}

// told turns what the vendor told into results.
func told(name string, observations []providers.Observation) []Result {
	found := make([]Result, len(observations))
	for i, o := range observations {
		found[i] = Result{
			ID: "provider." + name + ".account " + o.About, Title: name + ": " + o.About,
			Verdict: verdictOf(o.Grade), Evidence: o.Evidence, Remedy: o.Remedy,
		}
	}
	return found
}

func verdictOf(g providers.Grade) Verdict {
	switch g {
	case providers.GradeGood:
		return OK
	case providers.GradeDoubtful:
		return Warn
	case providers.GradeBad:
		return Fail
	case providers.GradeUnknown:
		return Skip
	default:
		return Skip
	}
}
