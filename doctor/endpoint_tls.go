package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// expiryWarn is how long before its end a certificate should have been renewed: managed ones are, some 30 days ahead.
const expiryWarn = 21 * 24 * time.Hour

// lookTLS makes the connection that Entra would make.
func lookTLS(ctx context.Context, w *web, target *url.URL) Result {
	r, err := w.ask(ctx, http.MethodHead, health(target), nil, nil)
	switch {
	case err != nil:
		return tlsFailure(err)
	case target.Scheme != "https":
		return ok("plain http on the loopback")
	case r.tls == nil || len(r.tls.PeerCertificates) == 0:
		return fail("the server showed no certificate", "See that the host speaks TLS")
	}
	left := time.Until(r.tls.PeerCertificates[0].NotAfter)
	evidence := fmt.Sprintf("%s, the certificate is good for %s", tls.VersionName(r.tls.Version), plural(int(left.Hours()/24), "day"))
	if left < expiryWarn {
		return warn(evidence, "Renew the certificate: from the day it runs out no code is sent (1003027)")
	}
	return ok(evidence)
}

// tlsFailure tells what of the way to the endpoint is broken.
func tlsFailure(err error) Result {
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return fail("the certificate is out of date", "Renew the certificate")
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return fail("the certificate is for another name", "Bind a certificate for this host name to the app")
	}
	if unverified, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		if len(unverified.UnverifiedCertificates) == 1 {
			return fail("the certificate's issuer is not known, and the server sent no intermediate certificate",
				"Bind a certificate of a public authority, with its whole chain")
		}
		return fail("the certificate is of no authority that the public knows", "Bind a certificate of a public authority")
	}
	switch word := why(err); word {
	case "dns":
		return fail("the host name does not resolve", "Mend the URL, or publish the name")
	case "timeout":
		return fail("no connection: timeout", "Open port 443 to the internet: Entra calls from addresses that Microsoft does not publish")
	default:
		return fail("no connection: "+word, "Start the app, and see that its port 443 is open to the internet")
	}
}
