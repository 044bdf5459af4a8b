package devtenant

import (
	"net/http"
	"time"
)

// maxForm bounds a token request: a client assertion is some 2 KB.
const maxForm = 64 << 10

// tokenAnswer is the token endpoint's success.
type tokenAnswer struct {
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"`
	ExtExpiresIn int    `json:"ext_expires_in"`
	AccessToken  string `json:"access_token"`
}

// tokenError is its failure, in Entra's form.
type tokenError struct {
	Error         string `json:"error"`
	Description   string `json:"error_description"`
	Codes         []int  `json:"error_codes"`
	Timestamp     string `json:"timestamp"`
	TraceID       string `json:"trace_id"`
	CorrelationID string `json:"correlation_id"`
}

// serveToken gives anybody on this machine the token that Entra's caller application would present: the client's id,
// secret and scope are not looked at, because there is nothing to protect here.
func (t *Tenant) serveToken(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := r.ParseForm()
	if err != nil {
		refuseToken(w, "invalid_request", 900144, "the body is no form")
		return
	}
	switch grant := r.PostForm.Get("grant_type"); grant {
	case "":
		refuseToken(w, "invalid_request", 900144, "the body must contain the parameter 'grant_type'")
		return
	case "client_credentials":
	default:
		refuseToken(w, "unsupported_grant_type", 70003, "the local tenant knows the grant 'client_credentials' only")
		return
	}
	token, err := t.Token()
	if err != nil {
		writeJSON(w, http.StatusInternalServerError, map[string]string{"error": "server_error"})
		return
	}
	seconds := int(tokenLifetime.Seconds())
	writeJSON(w, http.StatusOK, tokenAnswer{
		TokenType: "Bearer", ExpiresIn: seconds, ExtExpiresIn: seconds, AccessToken: token,
	})
}

// refuseToken answers 400 as Entra does; a client shows the description to its developer.
func refuseToken(w http.ResponseWriter, kind string, code int, description string) {
	writeJSON(w, http.StatusBadRequest, tokenError{
		Error:         kind,
		Description:   description,
		Codes:         []int{code},
		Timestamp:     time.Now().UTC().Format("2006-01-02 15:04:05Z"),
		TraceID:       newGUID(),
		CorrelationID: newGUID(),
	})
}
