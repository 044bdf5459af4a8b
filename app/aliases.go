package app

import (
	"net/mail"

	"byoe/config"
)

// walkthroughAliases understands the settings of Microsoft's own walkthrough and its C# samples, so that their users swap
// the code and keep their settings. Ours go before them.
func walkthroughAliases(environ map[string]string) []config.Given {
	given := []config.Given{
		{Setting: "SENDGRID_API_KEY", Value: environ["mail_sendgridKey"], Source: "mail_sendgridKey"},
		{Setting: "ACS_CONNECTION_STRING", Value: environ["mail_connectionString"], Source: "mail_connectionString"},
		{Setting: "SENDGRID_TEMPLATE_ID", Value: environ["mail_template"], Source: "mail_template"},
		{Setting: "MAIL_SUBJECT", Value: environ["mail_subject"], Source: "mail_subject"},
		{Setting: "MAIL_FROM", Value: walkthroughSender(environ), Source: "mail_sender"},
	}
	switch {
	case environ["mail_sendgridKey"] != "":
		given = append(given, config.Given{Setting: "MAIL_PROVIDERS", Value: "sendgrid", Source: "mail_sendgridKey"})
	case environ["mail_connectionString"] != "":
		given = append(given, config.Given{Setting: "MAIL_PROVIDERS", Value: "acs", Source: "mail_connectionString"})
	}
	return given
}

// walkthroughSender joins mail_sender and mail_senderName to one mailbox.
func walkthroughSender(environ map[string]string) string {
	address, name := environ["mail_sender"], environ["mail_senderName"]
	if address == "" || name == "" {
		return address
	}
	return (&mail.Address{Name: name, Address: address}).String()
}
