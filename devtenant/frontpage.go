package devtenant

import "net/http"

// webhookURL is where byoe dev and Core Tools serve the webhook.
const webhookURL = "http://127.0.0.1:7071/api/EmailOtpSend"

// front is the front page's data.
type front struct {
	TenantID, Audience, CallerAppID        string
	Metadata, Keys, TokenEndpoint, Webhook string
	SMTP                                   string
	Settings                               []setting
}

// setting is one line of the settings that a webhook needs.
type setting struct {
	Name, Value string
}

// serveFront tells what this is and how to use it.
func (t *Tenant) serveFront(w http.ResponseWriter, _ *http.Request) {
	base := t.url + "/" + t.tenantID
	t.pages.render(w, http.StatusOK, pageFront, view{Title: "Local tenant", Path: "/", Data: front{
		TenantID:      t.tenantID,
		Audience:      t.audience,
		CallerAppID:   CallerAppID,
		Metadata:      t.Authority() + "/.well-known/openid-configuration",
		Keys:          base + "/discovery/v2.0/keys",
		TokenEndpoint: base + "/oauth2/v2.0/token",
		Webhook:       webhookURL,
		SMTP:          t.MailboxAddr(),
		Settings:      t.sortedSettings(),
	}})
}

// sortedSettings returns the settings in an order to read: whose, then how.
func (t *Tenant) sortedSettings() []setting {
	values := t.Settings()
	names := []string{
		"ENTRA_TENANT_ID", "ENTRA_AUDIENCE", "ENTRA_AUTHORITY",
		"MAIL_PROVIDERS", "MAIL_FROM", "SMTP_HOST", "SMTP_PORT", "SMTP_TLS", "SMTP_AUTH",
	}
	settings := make([]setting, 0, len(names))
	for _, name := range names {
		settings = append(settings, setting{Name: name, Value: values[name]})
	}
	return settings
}
