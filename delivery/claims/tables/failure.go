package tables

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strconv"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
)

// failure is a question to the service that was not answered, or not as hoped. The SDK's own text quotes the request's
// address, which may carry a signature, and the whole answer; so the cause is kept for errors.Is and never printed.
type failure struct {
	asked string // what was asked, such as "insert"
	code  string // a stable code, such as "503 ServerBusy"
	cause error
}

// Error returns "table storage: insert: 503 ServerBusy".
func (f *failure) Error() string { return "table storage: " + f.asked + ": " + f.code }

// Unwrap gives errors.Is the cause.
func (f *failure) Unwrap() error { return f.cause }

func failed(asked string, err error) error {
	return &failure{asked: asked, code: codeOf(err), cause: err}
}

// codeOf names an error without quoting it.
func codeOf(err error) string {
	refusal, answered := errors.AsType[*azcore.ResponseError](err)
	switch {
	case answered:
		return statusAndCode(refusal)
	case errors.Is(err, errNoToken):
		return "no token of the managed identity yet"
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	case errors.Is(err, context.Canceled):
		return "called off"
	default:
		return "no answer"
	}
}

// statusAndCode returns "503 ServerBusy". The code is kept only where it is a word: whoever answers may not be the service.
func statusAndCode(refusal *azcore.ResponseError) string {
	code := strconv.Itoa(refusal.StatusCode)
	if isWord, err := regexp.MatchString(`^[A-Za-z]{1,64}$`, refusal.ErrorCode); err == nil && isWord {
		code += " " + refusal.ErrorCode
	}
	return code
}

func hasCode(err error, status int, code aztables.TableErrorCode) bool {
	refusal, answered := errors.AsType[*azcore.ResponseError](err)
	return answered && refusal.StatusCode == status && refusal.ErrorCode == string(code)
}

// isMissing says that there is no such row. A table that is missing is another matter: it says nothing of the claim.
func isMissing(err error) bool {
	return hasCode(err, http.StatusNotFound, aztables.ResourceNotFound) || hasCode(err, http.StatusNotFound, aztables.EntityNotFound)
}

func isTableMissing(err error) bool { return hasCode(err, http.StatusNotFound, aztables.TableNotFound) }

// isChanged says that the row is there in another version than the one named.
func isChanged(err error) bool {
	refusal, answered := errors.AsType[*azcore.ResponseError](err)
	return answered && refusal.StatusCode == http.StatusPreconditionFailed
}
