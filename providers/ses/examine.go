package ses

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"byoe/providers"
	"byoe/providers/httpclient"
)

// quotaLow is the part of the day's quota that should be left.
const quotaLow = 0.2

// Examine implements [providers.Examiner]: the account (ses:GetAccount) and the identity of each sender's domain
// (ses:GetEmailIdentity). Keys for sending alone may ask for neither.
func (p *Provider) Examine(ctx context.Context, senders []providers.Sender) []providers.Observation {
	if err := p.ready(ctx); err != nil {
		return []providers.Observation{providers.Unknown("account", err)}
	}
	found := p.examineAccount(ctx)
	for _, domain := range providers.Domains(senders) {
		found = append(found, p.examineIdentity(ctx, domain))
	}
	return found
}

func (p *Provider) examineAccount(ctx context.Context) []providers.Observation {
	ctx, progress := httpclient.Watch(ctx)
	account, err := p.api.GetAccount(ctx, &sesv2.GetAccountInput{})
	if err != nil {
		return []providers.Observation{providers.Unknown("account", failureOf(err, progress))}
	}
	found := []providers.Observation{judgeAccount(account)}
	if account.SendQuota != nil {
		found = append(found, judgeQuota(*account.SendQuota))
	}
	return found
}

func judgeAccount(account *sesv2.GetAccountOutput) providers.Observation {
	const about = "account"
	enforcement := aws.ToString(account.EnforcementStatus)
	switch {
	case !account.SendingEnabled || enforcement == "SHUTDOWN":
		return providers.Observation{About: about, Grade: providers.GradeBad, Evidence: "sending is switched off", Remedy: "Look at the account dashboard's Account health, and switch sending on again"}
	case !account.ProductionAccessEnabled:
		return providers.Observation{
			About: about, Grade: providers.GradeBad, Evidence: "in the sandbox: mails go to verified addresses only", Remedy: "Request production access in this region's account dashboard",
		}
	case enforcement == "PROBATION":
		return providers.Observation{About: about, Grade: providers.GradeDoubtful, Evidence: "under review by AWS", Remedy: "Look at the account dashboard's Account health: bounces or complaints are too many"}
	default:
		return providers.Observation{About: about, Grade: providers.GradeGood, Evidence: "out of the sandbox, sending enabled"}
	}
}

func judgeQuota(quota types.SendQuota) providers.Observation {
	const about = "quota"
	if quota.Max24HourSend < 0 {
		return providers.Observation{About: about, Grade: providers.GradeGood, Evidence: "no daily quota"}
	}
	left := max(0, quota.Max24HourSend-quota.SentLast24Hours)
	o := providers.Observation{
		About: about, Grade: providers.GradeGood, Evidence: fmt.Sprintf("%.0f of %.0f mails left for 24 h, %.0f a second", left, quota.Max24HourSend, quota.MaxSendRate),
	}
	if left < quotaLow*quota.Max24HourSend {
		o.Grade, o.Remedy = providers.GradeDoubtful, "Request a higher sending quota, and name a second provider in MAIL_PROVIDERS"
	}
	if left < 1 {
		o.Grade = providers.GradeBad
	}
	return o
}

func (p *Provider) examineIdentity(ctx context.Context, domain string) providers.Observation {
	about := "domain " + domain
	ctx, progress := httpclient.Watch(ctx)
	identity, err := p.api.GetEmailIdentity(ctx, &sesv2.GetEmailIdentityInput{EmailIdentity: aws.String(domain)})
	if _, missing := errors.AsType[*types.NotFoundException](err); missing {
		return providers.Observation{
			About: about, Grade: providers.GradeDoubtful, Evidence: "no identity of this name in the region; that of a parent domain or of the address may count",
			Remedy: "Add the domain under Identities, and publish its DKIM records",
		}
	}
	if err != nil {
		return providers.Unknown(about, failureOf(err, progress))
	}
	switch dkim := identity.DkimAttributes; {
	case !identity.VerifiedForSendingStatus:
		return providers.Observation{About: about, Grade: providers.GradeBad, Evidence: "not verified", Remedy: "Publish the records that the identity's page shows"}
	case dkim == nil || !dkim.SigningEnabled || dkim.Status != types.DkimStatusSuccess:
		return providers.Observation{About: about, Grade: providers.GradeBad, Evidence: "verified, but its mails are not signed (DKIM)", Remedy: "Publish the three CNAME records that the identity's page shows, and switch signing on"}
	default:
		return providers.Observation{About: about, Grade: providers.GradeGood, Evidence: "verified and signed (DKIM)"}
	}
}
