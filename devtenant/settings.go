package devtenant

import "net"

// sendGridPath is where the stand-in for SendGrid's API is on the tenant's server.
const sendGridPath = "/sendgrid"

// sendGridKey is no secret: the stand-in takes any key, and a webhook needs one to start.
const sendGridKey = "SG.local-tenant"

// SendGridURL returns what SENDGRID_BASE_URL must be for a webhook of this tenant.
func (t *Tenant) SendGridURL() string { return t.url + sendGridPath }

// Settings returns what a webhook needs to belong to this tenant and to deliver into its mailbox: by SMTP, and where that
// fails by the stand-in for SendGrid. The key of B2C's policies was made up for this run, unless the tenant was given one.
func (t *Tenant) Settings() map[string]string {
	host, port, err := net.SplitHostPort(t.MailboxAddr())
	if err != nil {
		host = t.MailboxAddr() // cannot be: a listener's address has a port
	}
	return map[string]string{
		"ENTRA_TENANT_ID":   t.tenantID,
		"ENTRA_AUDIENCE":    t.audience,
		"ENTRA_AUTHORITY":   t.Authority(),
		"MAIL_PROVIDERS":    "smtp,sendgrid",
		"MAIL_FROM":         MailFrom,
		"SMTP_HOST":         host,
		"SMTP_PORT":         port,
		"SMTP_TLS":          "none",
		"SMTP_AUTH":         "none",
		"B2C_API_KEYS":      t.b2c.Key.Reveal(),
		"SENDGRID_API_KEY":  sendGridKey,
		"SENDGRID_BASE_URL": t.SendGridURL(),
	}
}
