package devtenant

import (
	"net"
	"net/http"

	"byoe/config"
)

// The content security policies. Nothing is fetched from anywhere but the tenant itself.
const (
	pagePolicy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	// mailPolicy also holds inside the frame that shows a mail: its inline styles are let in, its pictures, fonts and
	// links to other places are not, so that looking at a mail tells nobody that it was looked at.
	mailPolicy = "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'; " +
		"img-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
	// framePolicy is pagePolicy for a page with frames of our own, framedPolicy is what is in them: nothing runs there, and
	// only inline styles are let in.
	framePolicy  = pagePolicy + "; frame-src 'self'"
	framedPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)

// guard stands before every route. The tenant needs no password, so a page on the web must not be able to use it
// through the browser of somebody who runs it: by a host name of its own that it points here (DNS rebinding), by a
// request across origins, or by putting a page of ours into a frame.
func (t *Tenant) guard(next http.Handler) http.Handler {
	sameOrigin := http.NewCrossOriginProtection()
	sameOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "The local tenant takes no changes from other sites.", http.StatusForbidden)
	}))
	protected := sameOrigin.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setSecurityHeaders(w.Header())
		if !t.isOurHost(r.Host) {
			http.Error(w, "The local tenant answers to 127.0.0.1 and localhost only, and to an address in digits where it is exposed.", http.StatusForbidden)
			return
		}
		protected.ServeHTTP(w, r)
	})
}

func setSecurityHeaders(header http.Header) {
	header.Set("Content-Security-Policy", pagePolicy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
}

// isOurHost says whether a Host field names the loopback and our port. A browser leaves out port 80. An exposed tenant
// answers to any address in digits, under any port, because a container's port is published as another: a name that was
// rebound is still a name.
func (t *Tenant) isOurHost(field string) bool {
	host, port, err := net.SplitHostPort(field)
	if err != nil {
		host, port = field, "80"
	}
	if t.exposed && net.ParseIP(host) != nil {
		return true
	}
	return port == t.port && config.IsLoopback(host)
}
