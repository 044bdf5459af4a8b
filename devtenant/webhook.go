package devtenant

import (
	"context"
	"sync"
	"time"
)

// DefaultWebhook is where byoe dev and Core Tools serve the webhook.
const DefaultWebhook = "http://127.0.0.1:7071/api/EmailOtpSend"

// Webhook is what the pages drive, and what is known of it beside its address.
type Webhook struct {
	// URL is where it takes the event.
	URL string
	// B2C is where it takes the claims of Azure AD B2C's policies; "" where it does not, and their codes come as the event.
	B2C string
	// Templates are its mails; nil where it is somebody else's.
	Templates Templates
}

// attached is the webhook that the pages drive now.
type attached struct {
	mu      sync.Mutex
	webhook Webhook
}

// Attach tells the pages which webhook to drive. Until then it is [DefaultWebhook]. The error says that the address is none.
func (t *Tenant) Attach(w Webhook) error {
	if _, err := parseWebhook(w.URL); err != nil {
		return err
	}
	if _, err := parseWebhook(w.B2C); w.B2C != "" && err != nil {
		return err
	}
	t.attached.mu.Lock()
	defer t.attached.mu.Unlock()
	t.attached.webhook = w
	return nil
}

// webhook returns what the pages drive.
func (t *Tenant) webhook() Webhook {
	t.attached.mu.Lock()
	defer t.attached.mu.Unlock()
	return t.attached.webhook
}

// App is an application that people sign in to.
type App struct {
	ID, Name string
}

// apps are those that the sign-in page offers: the documented one, and those that the webhook has a brand for.
func (t *Tenant) apps() []App {
	apps := []App{{AppID, AppName}}
	if source := t.webhook().Templates; source != nil {
		for _, brand := range source.Set().Brands {
			if brand.ID != AppID && brand.ID != defaultBrand {
				apps = append(apps, App{brand.ID, brand.Label})
			}
		}
	}
	return apps
}

// Conformance checks a webhook from outside and reports; devtenant/conformance has one. It must end soon after ctx is done.
type Conformance func(ctx context.Context, t *Tenant, webhook string) Report

// Report is what checks of a webhook found.
type Report struct {
	Webhook string        `json:"webhook"`
	Took    time.Duration `json:"-"`
	Seconds float64       `json:"seconds"`
	Checks  []Check       `json:"checks"`
}

// Check is one check of a webhook.
type Check struct {
	// ID is stable, such as token.expired; Title says what was tried.
	ID    string `json:"id"`
	Title string `json:"title"`
	// Verdict is pass, fail or skip.
	Verdict Verdict `json:"verdict"`
	// Evidence is what happened, in words. Remedy is what to do where it failed, and why a check was skipped.
	Evidence string `json:"evidence"`
	Remedy   string `json:"remedy,omitempty"`
	// Milliseconds is how long it took.
	Milliseconds float64 `json:"ms"`
}

// Verdict is a check's outcome.
type Verdict string

// The verdicts.
const (
	Pass Verdict = "pass"
	Fail Verdict = "fail"
	Skip Verdict = "skip"
)

// Count returns how many checks ended so.
func (r Report) Count(v Verdict) int {
	n := 0
	for _, c := range r.Checks {
		if c.Verdict == v {
			n++
		}
	}
	return n
}
