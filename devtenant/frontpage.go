package devtenant

import (
	"net/http"
	"time"
)

// front is the front page's data.
type front struct {
	TenantID, Audience, CallerAppID        string
	Metadata, Keys, TokenEndpoint, Webhook string
	SMTP, SendGrid                         string
	Settings                               []setting
	Behaviour                              Behaviour
	Problem                                string
}

// setting is one line of the settings that a webhook needs.
type setting struct {
	Name, Value string
}

// serveFront tells what this is and how to use it.
func (t *Tenant) serveFront(w http.ResponseWriter, _ *http.Request) {
	t.renderFront(w, http.StatusOK, "")
}

func (t *Tenant) renderFront(w http.ResponseWriter, status int, problem string) {
	base := t.url + "/" + t.tenantID
	t.pages.render(w, status, pageFront, view{Title: "Local tenant", Path: "/", Data: front{
		TenantID:      t.tenantID,
		Audience:      t.audience,
		CallerAppID:   CallerAppID,
		Metadata:      t.Authority() + "/.well-known/openid-configuration",
		Keys:          base + "/discovery/v2.0/keys",
		TokenEndpoint: t.tokenEndpoint(),
		Webhook:       t.webhook().URL,
		SMTP:          t.MailboxAddr(),
		SendGrid:      t.SendGridURL(),
		Settings:      t.sortedSettings(),
		Behaviour:     t.Behaviour(),
		Problem:       problem,
	}})
}

// tokenEndpoint is where anybody on this machine gets the caller's token.
func (t *Tenant) tokenEndpoint() string { return t.url + "/" + t.tenantID + "/oauth2/v2.0/token" }

// setBehaviour takes the form that says how Entra behaves.
func (t *Tenant) setBehaviour(w http.ResponseWriter, r *http.Request) {
	if !form(w, r) {
		return
	}
	on := func(field string) bool { return r.PostForm.Get(field) != "" }
	t.SetBehaviour(Behaviour{
		Timeout: milliseconds(r, "timeout"), Retries: number(r, "retries"), RetryAnyFailure: on("anyfailure"),
		RetryNewCorrelationID: on("newcorrelation"), LowerCaseCode: on("lowercase"), Fallback: on("fallback"),
	})
	seeOther(w, r, "/#behaviour")
}

// setWebhook drives another webhook from now on. Nothing is known of its templates.
func (t *Tenant) setWebhook(w http.ResponseWriter, r *http.Request) {
	if !form(w, r) {
		return
	}
	next := Webhook{URL: r.PostForm.Get("webhook"), B2C: B2CURL(r.PostForm.Get("webhook"))}
	if now := t.webhook(); now.URL == next.URL {
		next = now
	}
	if err := t.Attach(next); err != nil {
		t.renderFront(w, http.StatusUnprocessableEntity, err.Error())
		return
	}
	seeOther(w, r, "/#webhook")
}

// sortedSettings returns the settings in an order to read: whose, then how.
func (t *Tenant) sortedSettings() []setting {
	values := t.Settings()
	names := []string{
		"ENTRA_TENANT_ID", "ENTRA_AUDIENCE", "ENTRA_AUTHORITY",
		"MAIL_PROVIDERS", "MAIL_FROM", "SMTP_HOST", "SMTP_PORT", "SMTP_TLS", "SMTP_AUTH", "SENDGRID_API_KEY", "SENDGRID_BASE_URL",
		"B2C_API_KEYS",
	}
	settings := make([]setting, 0, len(names))
	for _, name := range names {
		settings = append(settings, setting{Name: name, Value: values[name]})
	}
	return settings
}

// inMilliseconds is a duration for people.
func inMilliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
