package handler

import (
	"encoding/json"
	"net/http"
)

// problem is an error's body (RFC 9457). Entra shows it to nobody, but the person who wires things up sees it. It never
// holds a code, an address, a token, a secret or what a provider said.
type problem struct {
	Type          string `json:"type"`
	Title         string `json:"title"`
	Status        int    `json:"status"`
	Code          string `json:"code"`
	Detail        string `json:"detail,omitempty"`
	CorrelationID string `json:"correlationId,omitempty"`
}

func writeProblem(w http.ResponseWriter, f reply, correlationID string) {
	body, err := json.Marshal(problem{
		Type: "about:blank", Title: http.StatusText(f.status), Status: f.status, Code: f.code, Detail: f.detail, CorrelationID: correlationID,
	})
	if err != nil {
		body = []byte("{}")
	}
	header := w.Header()
	header.Set("Content-Type", "application/problem+json")
	switch f.status {
	case http.StatusUnauthorized:
		if header.Get("WWW-Authenticate") == "" { // B2C's callers have other credentials
			header.Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		}
	case http.StatusServiceUnavailable:
		header.Set("Retry-After", retryAfter)
	}
	w.WriteHeader(f.status)
	_, _ = w.Write(body) // a caller that is gone needs no answer
}
