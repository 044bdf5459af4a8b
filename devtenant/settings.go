package devtenant

import "net"

// Settings returns what a webhook needs to belong to this tenant and to deliver into its mailbox.
func (t *Tenant) Settings() map[string]string {
	host, port, err := net.SplitHostPort(t.mailbox.Addr())
	if err != nil {
		host = t.mailbox.Addr() // cannot be: a listener's address has a port
	}
	return map[string]string{
		"ENTRA_TENANT_ID": t.tenantID,
		"ENTRA_AUDIENCE":  t.audience,
		"ENTRA_AUTHORITY": t.Authority(),
		"MAIL_PROVIDERS":  "smtp",
		"MAIL_FROM":       MailFrom,
		"SMTP_HOST":       host,
		"SMTP_PORT":       port,
		"SMTP_TLS":        "none",
		"SMTP_AUTH":       "none",
	}
}
