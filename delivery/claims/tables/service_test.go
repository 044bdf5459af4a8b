package tables_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"byoe/delivery/claims/tables"
	"byoe/redact"
)

// service is a service without a network: what it answers is the test's.
type service func(*http.Request) (*http.Response, error)

func (s service) Do(req *http.Request) (*http.Response, error) { return s(req) }

const anyKey = "a2V5" // base64

// openService returns a store whose requests go to s.
func openService(t testing.TB, s service) *tables.Store {
	t.Helper()
	store, err := tables.New(tables.Config{Table: "claims", Connection: redact.NewSecret("AccountName=contoso;AccountKey=" + anyKey)}, s)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// answer is one answer of the service. headers are pairs.
func answer(req *http.Request, status int, body string, headers ...string) *http.Response {
	a := &http.Response{StatusCode: status, Request: req, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
	for i := 0; i < len(headers); i += 2 {
		a.Header.Set(headers[i], headers[i+1])
	}
	return a
}

// refusal is an error as the service words it.
func refusal(req *http.Request, status int, code string) *http.Response {
	return answer(req, status, `{"odata.error":{"code":"`+code+`","message":{"lang":"en-US","value":"hunter2 wrote this"}}}`,
		"Content-Type", "application/json", "x-ms-error-code", code)
}

// errDown stands for a service that is not to be reached, in the words of net/http, which quote the address.
var errDown = errors.New("get https://contoso.table.core.windows.net/?sig=hunter2: connection refused")
