package httpclient

import (
	"crypto/x509"
	"net/http"
)

// Trust makes a client of New accept certificates of these authorities.
func Trust(client *http.Client, roots *x509.CertPool) {
	if t, ok := client.Transport.(*roundTripper); ok {
		t.next.TLSClientConfig.RootCAs = roots
	}
}
