package devtenant

import (
	"context"
	"net/http"
	"time"
)

// checkMost bounds the checks of a webhook.
const checkMost = 90 * time.Second

// checkPage is the Check page's data.
type checkPage struct {
	Webhook string
	Report  *Report
	Problem string
}

// serveCheck shows the button.
func (t *Tenant) serveCheck(w http.ResponseWriter, _ *http.Request) {
	t.pages.render(w, http.StatusOK, pageCheck, view{Title: "Check", Path: "/check", Data: checkPage{Webhook: t.webhook().URL}})
}

// runCheck checks a webhook and shows the report, or returns it to a program: byoe dev check asks for it where the tenant runs
// in another process, because only this tenant's keys are the ones that the webhook trusts.
func (t *Tenant) runCheck(w http.ResponseWriter, r *http.Request) {
	if !form(w, r) {
		return
	}
	target, err := parseWebhook(orDefault(r.PostForm.Get("webhook"), t.webhook().URL))
	if err != nil {
		if prefersJSON(r) {
			writeJSON(w, http.StatusUnprocessableEntity, map[string]string{"error": err.Error()})
			return
		}
		t.pages.render(w, http.StatusUnprocessableEntity, pageCheck, view{Title: "Check", Path: "/check", Data: checkPage{Webhook: t.webhook().URL, Problem: err.Error()}})
		return
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(checkMost + 10*time.Second)) // every net/http connection can
	ctx, cancel := context.WithTimeout(r.Context(), checkMost)
	defer cancel()
	stop := t.onStop(cancel)
	defer stop()
	report := t.check(ctx, target)
	if prefersJSON(r) {
		writeJSON(w, http.StatusOK, report)
		return
	}
	t.pages.render(w, http.StatusOK, pageCheck, view{Title: "Check", Path: "/check", Data: checkPage{Webhook: target, Report: &report}})
}

// check makes the checks, one run at a time: two would mend each other's faults.
func (t *Tenant) check(ctx context.Context, webhook string) Report {
	t.checking.Lock()
	defer t.checking.Unlock()
	return t.conformance(ctx, t, webhook)
}
