package sendgrid

import (
	"bytes"
	"encoding/json"
	netmail "net/mail"

	"github.com/sendgrid/sendgrid-go/helpers/mail"

	"byoe/providers"
)

// mailOf returns one mail to one recipient.
func mailOf(s providers.Submission, templateID string) *mail.SGMailV3 {
	m := s.Message
	v3 := mail.NewV3Mail()
	v3.SetFrom(email(m.From))
	if m.ReplyTo != nil {
		v3.SetReplyTo(email(*m.ReplyTo))
	}
	v3.Subject = providers.HeaderText(m.Subject)
	for _, header := range s.Headers() {
		v3.SetHeader(header.Name, providers.HeaderText(header.Value))
	}

	personalization := mail.NewPersonalization()
	personalization.AddTos(mail.NewEmail("", m.To.Reveal()))
	// Here and not beside the subject, where the vendor's API description has custom_args as one string.
	personalization.SetCustomArg("correlation_id", m.CorrelationID)
	personalization.SetCustomArg("submission_id", s.ID)
	if templateID == "" {
		v3.AddContent(mail.NewContent("text/plain", m.Text), mail.NewContent("text/html", m.HTML))
	} else {
		v3.SetTemplateID(templateID)
		for name, value := range m.Variables {
			personalization.SetDynamicTemplateData(name, value)
		}
		// A dynamic template has a subject of its own, which may be written as {{subject}}.
		if _, taken := m.Variables["subject"]; !taken {
			personalization.SetDynamicTemplateData("subject", v3.Subject)
		}
	}
	v3.AddPersonalizations(personalization)
	v3.SetTrackingSettings(noTracking())
	v3.SetMailSettings(onlyUnsubscribesBypassed())
	return v3
}

// encode writes the mail as JSON. The library's GetRequestBody would spell each <, > and & of the HTML with six characters,
// as if the JSON stood in a web page: a third more to write and to send. It also tells the standard logger of its errors.
func encode(v3 *mail.SGMailV3) ([]byte, error) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v3); err != nil {
		return nil, err
	}
	return body.Bytes(), nil
}

func email(address netmail.Address) *mail.Email {
	return mail.NewEmail(providers.HeaderText(address.Name), address.Address)
}

// noTracking switches off, whatever the account says, what rewrites links and adds pictures. Subscription tracking is
// the dangerous one: its link puts the person on Global Unsubscribes, and later codes never arrive (Twilio docs,
// "Subscription tracking").
func noTracking() *mail.TrackingSettings {
	off := false
	return mail.NewTrackingSettings().
		SetClickTracking(mail.NewClickTrackingSetting().SetEnable(off).SetEnableText(off)).
		SetOpenTracking(mail.NewOpenTrackingSetting().SetEnable(off)).
		SetSubscriptionTracking(mail.NewSubscriptionTrackingSetting().SetEnable(off)).
		SetGoogleAnalytics(mail.NewGaSetting().SetEnable(off))
}

// onlyUnsubscribesBypassed lets a code through to somebody who unsubscribed from the owner's newsletter. Bounces and
// spam reports stay respected; bypass_list_management would bypass these too, and must not be combined with this one.
func onlyUnsubscribesBypassed() *mail.MailSettings {
	return mail.NewMailSettings().SetBypassUnsubscribeManagement(mail.NewSetting(true))
}
