package httpclient

import "byoe/providers"

// Failure classifies the error of a request that brought no answer, and ends the request: whatever of its body has not
// been handed out by now never will be.
//
// Before any of the body: [providers.KindTemporary] with the code "connection refused", "dns", "tls", "certificate",
// "timeout", "canceled" or "connect". After: [providers.KindAmbiguous] with "timeout", "canceled", "reset", "eof" or
// "unreadable answer". The cause is kept and never printed; it may quote the URL.
func (p *Progress) Failure(err error) *providers.Error {
	if p.seal() {
		return &providers.Error{Kind: providers.KindAmbiguous, Code: codeAfterSending(err), Cause: err}
	}
	return &providers.Error{Kind: providers.KindTemporary, Code: p.codeBeforeSending(err), Cause: err}
}

// codeBeforeSending names a broken handshake as such: there EOF and reset tell less than where they happened.
func (p *Progress) codeBeforeSending(err error) string {
	code := providers.NetworkCode(err)
	switch code {
	case "", "eof", "reset":
		if p.inTLS() {
			return "tls"
		}
		return "connect"
	default:
		return code
	}
}

func codeAfterSending(err error) string {
	if code := providers.NetworkCode(err); code != "" {
		return code
	}
	return "unreadable answer"
}
