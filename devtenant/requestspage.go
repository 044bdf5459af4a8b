package devtenant

import (
	"net/http"
	"strings"
)

// callSummary is a call in the list, and for programs. The event and the token stay out: they are on the call's own page.
type callSummary struct {
	ID            string  `json:"id"`
	At            string  `json:"at"`
	Origin        string  `json:"origin"`
	To            string  `json:"to"`
	Flow          string  `json:"flow"`
	Locale        string  `json:"locale"`
	CorrelationID string  `json:"correlationId"`
	Attempts      int     `json:"attempts"`
	Status        int     `json:"status"`
	Refusal       string  `json:"refusal,omitempty"`
	Fallback      string  `json:"fallback,omitempty"`
	Milliseconds  float64 `json:"ms"`
}

func summaryOf(call Call) callSummary {
	last := call.Last()
	s := callSummary{
		ID: call.ID, At: call.At.Format("2006-01-02T15:04:05.000Z07:00"), Origin: call.Origin, To: call.SignIn.To,
		Flow: flowWords(call.SignIn.RequestType), Locale: call.SignIn.Locale, CorrelationID: call.CorrelationID,
		Attempts: len(call.Attempts), Status: last.Status, Refusal: last.Refusal.String(), Fallback: call.Fallback,
	}
	for _, attempt := range call.Attempts {
		s.Milliseconds += inMilliseconds(attempt.Total())
	}
	return s
}

// serveRequests lists the calls, newest first.
func (t *Tenant) serveRequests(w http.ResponseWriter, r *http.Request) {
	all := t.calls.all()
	summaries := make([]callSummary, len(all))
	for i, call := range all {
		summaries[i] = summaryOf(call)
	}
	w.Header().Set("Vary", "Accept")
	if prefersJSON(r) {
		writeJSON(w, http.StatusOK, summaries)
		return
	}
	t.pages.render(w, http.StatusOK, pageRequests, view{Title: "Requests", Path: "/requests", Data: summaries})
}

// serveRequest shows one call.
func (t *Tenant) serveRequest(w http.ResponseWriter, r *http.Request) {
	call, found := t.calls.find(strings.TrimSuffix(r.PathValue("id"), ".json"))
	w.Header().Set("Vary", "Accept")
	switch {
	case !found:
		t.serveNotFound(w, r)
	case prefersJSON(r):
		writeJSON(w, http.StatusOK, summaryOf(call))
	default:
		t.pages.render(w, http.StatusOK, pageRequest, view{Title: "Request " + call.ID, Path: "/requests", Data: t.trace(call)})
	}
}

// replay makes the call once more, with the same event and a new token: to the webhook it is what Entra's retry is.
func (t *Tenant) replay(w http.ResponseWriter, r *http.Request) {
	call, found := t.calls.find(r.PathValue("id"))
	if !found {
		t.serveNotFound(w, r)
		return
	}
	again, err := t.send(r.Context(), call.Caller, originReplay, call.Webhook, call.SignIn)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	seeOther(w, r, "/requests/"+again.ID)
}
