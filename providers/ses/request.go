package ses

import (
	"net/mail"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"byoe/providers"
)

// input returns one mail to one recipient.
func input(s providers.Submission, to, configurationSet string) *sesv2.SendEmailInput {
	m := s.Message
	in := &sesv2.SendEmailInput{
		FromEmailAddress: aws.String(mailbox(m.From)),
		Destination:      &types.Destination{ToAddresses: []string{to}},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: utf8Content(providers.HeaderText(m.Subject)),
			Body:    &types.Body{Html: utf8Content(m.HTML), Text: utf8Content(m.Text)},
			Headers: headers(s),
		}},
		EmailTags:              tags(s),
		ConfigurationOverrides: noTracking(),
	}
	if m.ReplyTo != nil {
		in.ReplyToAddresses = []string{mailbox(*m.ReplyTo)}
	}
	if configurationSet != "" {
		in.ConfigurationSetName = aws.String(configurationSet)
	}
	return in
}

// mailbox writes an address as RFC 5322 wants it. SES passes the friendly name on as it is and speaks 7-bit only, so
// that a name beyond ASCII must be an encoded word (RFC 2047) already.
func mailbox(address mail.Address) string {
	address.Name = providers.HeaderText(address.Name)
	return address.String()
}

func utf8Content(data string) *types.Content {
	return &types.Content{Data: aws.String(data), Charset: aws.String("UTF-8")}
}

func headers(s providers.Submission) []types.MessageHeader {
	fields := s.Headers()
	headers := make([]types.MessageHeader, len(fields))
	for i, field := range fields {
		headers[i] = types.MessageHeader{
			Name: aws.String(field.Name), Value: aws.String(providers.HeaderText(field.Value)),
		}
	}
	return headers
}

// tags are what CloudWatch and the event destinations show of the mail. An empty value is refused by SES.
func tags(s providers.Submission) []types.MessageTag {
	var tags []types.MessageTag
	for _, tag := range []struct{ name, value string }{
		{"correlation_id", s.Message.CorrelationID},
		{"submission_id", s.ID},
	} {
		if value := providers.TagValue(tag.value); value != "" {
			tags = append(tags, types.MessageTag{Name: aws.String(tag.name), Value: aws.String(value)})
		}
	}
	return tags
}

// notInTag guards what SES takes for the name of a configuration set; a tag's value has the same letters.
func notInTag(r rune) bool {
	isLetter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	isDigit := r >= '0' && r <= '9'
	return !isLetter && !isDigit && r != '_' && r != '-'
}

// noTracking keeps SES from rewriting links and adding a picture, whatever the account and the configuration set say.
func noTracking() *types.ConfigurationOverrides {
	return &types.ConfigurationOverrides{Tracking: &types.TrackingConfigurationOverrides{
		ClickTrackingEnabled: types.FeatureStatusDisabled,
		OpenTrackingEnabled:  types.FeatureStatusDisabled,
	}}
}
