package devtenant

import (
	"bytes"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"strings"
	"time"

	"byoe/config"
)

// newServer bounds what a client can cost in time and memory. Its logger is mute: the lines would quote requests.
func newServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
}

// routes is every address of the tenant. What begins with a GUID is the directory's, as at Entra; what begins with a
// provider's name is that provider's; anything else is a page. They have a mux each: in one, every new page would have to
// be told from "/{tenant}/".
func (t *Tenant) routes() http.Handler {
	directory, pages := t.directoryRoutes(), t.pageRoutes()
	sendGrid := http.StripPrefix(sendGridPath, t.mailbox.SendGrid())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tenant, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		switch {
		case "/"+tenant == sendGridPath:
			sendGrid.ServeHTTP(w, r)
		case !config.IsGUID(tenant):
			pages.ServeHTTP(w, r)
		case !strings.EqualFold(tenant, t.tenantID):
			writeJSON(w, http.StatusNotFound, map[string]string{"error": "invalid_tenant"})
		default:
			http.StripPrefix("/"+tenant, directory).ServeHTTP(w, r)
		}
	})
}

// directoryRoutes are the addresses under the tenant's id, which is compared without regard to case.
func (t *Tenant) directoryRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v2.0/.well-known/openid-configuration", t.serveMetadata)
	mux.HandleFunc("GET /discovery/v2.0/keys", t.serveKeys)
	mux.HandleFunc("POST /oauth2/v2.0/token", t.serveToken)
	return mux
}

// pageRoutes are the addresses for people, and for programs that read the same.
func (t *Tenant) pageRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", t.serveFront)
	mux.HandleFunc("POST /behaviour", t.setBehaviour)
	mux.HandleFunc("POST /webhook", t.setWebhook)
	mux.HandleFunc("GET /signin", t.serveSignIn)
	mux.HandleFunc("POST /signin", t.beginSignIn)
	mux.HandleFunc("GET /signin/{id}", t.serveJourney)
	mux.HandleFunc("POST /signin/{id}/verify", t.onJourney(t.verifyCode))
	mux.HandleFunc("POST /signin/{id}/again", t.onJourney(t.sendAgain))
	mux.HandleFunc("POST /signin/{id}/expire", t.onJourney(t.letExpire))
	mux.HandleFunc("GET /mailbox", t.serveMailbox)
	mux.HandleFunc("GET /mailbox.json", t.serveMailbox)
	mux.HandleFunc("DELETE /mailbox", t.clearMailbox)
	mux.HandleFunc("GET /mailbox/{id}", t.serveMail)
	mux.HandleFunc("GET /templates", t.serveTemplates)
	mux.HandleFunc("GET /templates/{brand}/{locale}/{flow}/{part}", t.serveTemplate)
	mux.HandleFunc("GET /requests", t.serveRequests)
	mux.HandleFunc("GET /requests.json", t.serveRequests)
	mux.HandleFunc("GET /requests/{id}", t.serveRequest)
	mux.HandleFunc("POST /requests/{id}/replay", t.replay)
	mux.HandleFunc("GET /faults", t.serveFaults)
	mux.HandleFunc("POST /faults/provider", t.setProviderFault)
	mux.HandleFunc("POST /faults/keys", t.setKeyFault)
	mux.HandleFunc("POST /faults/slow", t.setSlowness)
	mux.HandleFunc("POST /faults/mend", t.mendAll)
	if t.conformance != nil {
		mux.HandleFunc("GET /check", t.serveCheck)
		mux.HandleFunc("POST /check", t.runCheck)
		mux.HandleFunc("POST /check.json", t.runCheck)
	}
	mux.Handle("GET /assets/", assets())
	mux.HandleFunc("GET /", t.serveNotFound)
	return mux
}

// writeJSON answers with a value that encoding/json can always encode.
func writeJSON(w http.ResponseWriter, status int, value any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(value)
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // a client that has gone needs no answer
}
