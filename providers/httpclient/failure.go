package httpclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"syscall"

	"byoe/providers"
)

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
	code := NetworkCode(err)
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
	if code := NetworkCode(err); code != "" {
		return code
	}
	return "unreadable answer"
}

// NetworkCode names a network error in a word that may stand in a log: "canceled", "timeout", "certificate", "dns",
// "connection refused", "reset" or "eof"; "" for any other error. The error's own text may not: it holds addresses.
func NetworkCode(err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case isCertificate(err):
		return "certificate"
	case isType[*net.DNSError](err):
		return "dns"
	case isErrno(err, syscall.ECONNREFUSED, 10061): // WSAECONNREFUSED: Windows has numbers of its own
		return "connection refused"
	case isErrno(err, syscall.ECONNRESET, 10054), isErrno(err, syscall.EPIPE, 10053): // WSAECONNRESET, WSAECONNABORTED
		return "reset"
	case isTimeout(err):
		return "timeout"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "eof"
	default:
		return ""
	}
}

// isCertificate knows the wrapper that crypto/tls puts around a failed verification, and the errors inside it.
func isCertificate(err error) bool {
	return isType[*tls.CertificateVerificationError](err) || isType[x509.UnknownAuthorityError](err) || isType[x509.HostnameError](err) ||
		isType[x509.CertificateInvalidError](err)
}

func isTimeout(err error) bool {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return true
	}
	failure, ok := errors.AsType[net.Error](err)
	return ok && failure.Timeout()
}

func isErrno(err error, unix, windows syscall.Errno) bool {
	errno, ok := errors.AsType[syscall.Errno](err)
	return ok && (errno == unix || errno == windows)
}

func isType[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
