package handler

import (
	"encoding/json"
	"net/http"
)

// serveHealth tells whether a call could be served now: a word, and the checks by name only where the owner wants them
// told to whoever asks.
func (h *Handler) serveHealth(w http.ResponseWriter, r *http.Request) {
	if !allow(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	status, word := http.StatusOK, "ok"
	if !h.ready() {
		status, word = http.StatusServiceUnavailable, "unavailable"
		w.Header().Set("Retry-After", retryAfter)
	}
	w.Header().Set("Cache-Control", "no-store")
	if !h.config.HealthDetails {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(word + "\n")) // a caller that is gone needs no answer
		return
	}
	checks := map[string]string{"keys": word}
	for _, p := range h.deliverer.Providers() {
		checks["provider "+p.Name] = p.State
	}
	body, err := json.Marshal(map[string]any{"status": word, "checks": checks, "deliveries": h.deliverer.Counts()})
	if err != nil {
		status = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // as above
}

// ready says whether Entra's calls can be verified without waiting; B2C's, where there are no others. A tenant that only
// one of the two needs must not have the other one taken out of service.
func (h *Handler) ready() bool {
	if h.auth == nil {
		return h.b2c.Credentials.Ready()
	}
	return h.auth.Ready()
}
