package providers

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// NetworkCode names a network error in a word that may stand in a log: "canceled", "timeout", "certificate", "certificate
// expired", "certificate not yet valid", "dns", "connection refused", "reset" or "eof"; "" for any other error. The error's own text may not: it holds addresses.
func NetworkCode(err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case isCertificate(err):
		return certificateCode(err)
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

// certificateCode tells time apart from the rest: the vendor has to renew a certificate that has expired; where one is not yet
// valid, it is this machine's clock that is wrong.
func certificateCode(err error) string {
	invalid, ok := errors.AsType[x509.CertificateInvalidError](err)
	switch {
	case !ok || invalid.Reason != x509.Expired:
		return "certificate"
	case invalid.Cert != nil && time.Now().Before(invalid.Cert.NotBefore):
		return "certificate not yet valid"
	default:
		return "certificate expired"
	}
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
