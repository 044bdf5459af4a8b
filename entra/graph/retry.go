package graph

import (
	"errors"
	"net"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// retryOf is what azcore may repeat of a call. Its own rule knows no methods and would repeat a POST after a lost answer.
func (l line) retryOf(c call) policy.RetryOptions {
	options := l.retry
	if c.once {
		options.ShouldRetry = didNothing
	}
	return options
}

// didNothing says that a request surely had no effect. Graph throttles before it does anything; a 503 says the same only
// with a Retry-After (learn.microsoft.com, Microsoft Graph error responses), else it may come from something that gave up
// waiting for Graph.
func didNothing(answer *http.Response, err error) bool {
	if err != nil {
		return neverSent(err)
	}
	switch answer.StatusCode {
	case http.StatusTooManyRequests:
		return true
	case http.StatusServiceUnavailable:
		return answer.Header.Get("Retry-After") != ""
	default:
		return false
	}
}

// neverSent says that there was no connection, or no token, to send anything with.
func neverSent(err error) bool {
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
		return true
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return true
	}
	_, ok := errors.AsType[*SignInError](err)
	return ok
}
