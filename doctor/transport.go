package doctor

import "crypto/x509"

// Transport is the way to the servers that are asked over HTTP. The zero value trusts the system's certificates.
type Transport struct {
	Roots *x509.CertPool
}

func (t *Transport) web() *web {
	if t == nil {
		return newWeb(nil)
	}
	return newWeb(t.Roots)
}
