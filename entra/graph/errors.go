package graph

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Error is an answer that is not a success, of Graph or of Azure Resource Manager. They speak alike
// (learn.microsoft.com, Microsoft Graph error responses and resource types).
type Error struct {
	Method string
	// Path is the request's, without its query.
	Path   string
	Status int
	// Code and Message are the service's: the innermost code that it gives, and what it says to people. Neither is there
	// where something else answered, such as a proxy.
	Code, Message string
	// RequestID and ClientRequestID name the request to Microsoft's support, the second in the tenant's activity log too.
	RequestID, ClientRequestID string
	// RetryAfter is how long the service wants to be left alone, 0 where it does not say.
	RetryAfter time.Duration
}

// Error says what was asked, what came back, and by which id Microsoft finds it.
func (e *Error) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "graph: %s %s: %d", e.Method, e.Path, e.Status)
	if e.Code != "" {
		text.WriteString(" " + e.Code)
	}
	if e.Message != "" {
		text.WriteString(": " + e.Message)
	}
	if e.RequestID != "" {
		text.WriteString(" (request-id " + e.RequestID + ")")
	}
	return text.String()
}

// IsNotFound says that the thing is not there. Just after it was made, that may be because Graph's replicas lag behind.
func IsNotFound(err error) bool { return isStatus(err, http.StatusNotFound) }

// IsConflict says that the thing is there already, or is being changed by somebody else.
func IsConflict(err error) bool { return isStatus(err, http.StatusConflict) }

// IsForbidden says that whoever signed in may not do this.
func IsForbidden(err error) bool { return isStatus(err, http.StatusForbidden) }

func isStatus(err error, status int) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Status == status
}

// IsCode says that the service gave that code, in whatever case: it is not consistent in that.
func IsCode(err error, code string) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && strings.EqualFold(e.Code, code)
}

// OutcomeUnknown says that a request may have taken effect although it failed: the answer was lost, or came from something
// that did not wait for the end. Look before doing it again.
func OutcomeUnknown(err error) bool {
	if e, ok := errors.AsType[*Error](err); ok {
		// A 503 that asks for patience was repeated until that ran out, and each time did nothing.
		patience := e.Status == http.StatusServiceUnavailable && e.RetryAfter > 0
		return e.Status == http.StatusRequestTimeout || e.Status >= http.StatusInternalServerError && !patience
	}
	l, ok := errors.AsType[*lost](err)
	return ok && l.sent
}

// lost is a request that got no answer.
type lost struct {
	method, path string
	sent         bool // whether something may have arrived
	cause        error
}

// Error implements error.
func (l *lost) Error() string { return "graph: " + l.method + " " + l.path + ": " + l.cause.Error() }

// Unwrap implements the errors package's interface.
func (l *lost) Unwrap() error { return l.cause }

// mostMessage bounds what is repeated of a service's message, in bytes.
const mostMessage = 1000

func errorOf(method, path, id string, answer *http.Response, body []byte) *Error {
	var said struct {
		Error struct {
			Code       string `json:"code"`
			Message    string `json:"message"`
			InnerError struct {
				RequestID string `json:"request-id"`
			} `json:"innerError"`
		} `json:"error"`
	}
	_ = json.Unmarshal(body, &said) // an answer of another shape has its status only
	e := &Error{
		Method: method, Path: path, Status: answer.StatusCode, ClientRequestID: id,
		Code: line1(said.Error.Code), Message: line1(said.Error.Message),
		RequestID:  line1(firstOf(answer.Header.Get("Request-Id"), answer.Header.Get("X-Ms-Request-Id"), said.Error.InnerError.RequestID)),
		RetryAfter: retryAfter(answer.Header),
	}
	e.unpack()
	return e
}

// unpack reads a message that is itself an error in JSON: some of Graph's workloads pass on what stands behind them, under
// the code UnknownError.
func (e *Error) unpack() {
	var inner struct {
		ErrorCode string `json:"errorCode"`
		Code      string `json:"code"`
		Message   string `json:"message"`
	}
	if !strings.HasPrefix(e.Message, "{") || json.Unmarshal([]byte(e.Message), &inner) != nil {
		return
	}
	if code := firstOf(inner.ErrorCode, inner.Code); code != "" {
		e.Code = line1(code)
	}
	if inner.Message != "" {
		e.Message = line1(inner.Message)
	}
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// line1 makes one bounded line of what somebody else wrote, fit for a terminal. Messages about a token quote it now and
// then: what looks like one is left out.
func line1(text string) string {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	text = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}[A-Za-z0-9_.-]*`).ReplaceAllString(text, "(token)")
	if len(text) > mostMessage {
		text = strings.ToValidUTF8(text[:mostMessage], "") + "…"
	}
	return text
}

// retryAfter reads seconds or a date (RFC 9110, section 10.2.3).
func retryAfter(header http.Header) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil && seconds > 0 {
		return time.Duration(min(seconds, 86_400)) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}
