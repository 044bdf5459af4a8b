package providertest

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"byoe/providers"
)

// Answer is one row of a vendor's table: what it says, and what a provider has to make of that.
type Answer struct {
	Name   string
	Status int
	Header map[string]string
	Body   string

	// Kind and Code are those of the failure. Where Accepted is true there is none, and Code is the receipt's id.
	Accepted   bool
	Kind       providers.Kind
	Code       string
	RetryAfter time.Duration
}

// RunAnswers sends one mail to a vendor at url for each row.
func RunAnswers(t *testing.T, connect func(t *testing.T, url string) providers.Provider, rows []Answer) {
	t.Helper()
	for _, row := range rows {
		t.Run(strings.TrimSpace(strconv.Itoa(row.Status)+" "+row.Name), func(t *testing.T) {
			t.Parallel()
			vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				for name, value := range row.Header {
					w.Header().Set(name, value)
				}
				w.WriteHeader(row.Status)
				_, _ = w.Write([]byte(row.Body))
			}))
			defer vendor.Close()
			receipt, err := connect(t, vendor.URL).Send(t.Context(), Submission(1))
			if row.Accepted {
				if err != nil || receipt.MessageID != row.Code {
					t.Errorf("Send gave the id %q and %v, want %q", receipt.MessageID, err, row.Code)
				}
				return
			}
			failure, ok := errors.AsType[*providers.Error](err)
			if !ok || failure.Kind != row.Kind || failure.Code != row.Code || failure.RetryAfter.Round(2*time.Second) != row.RetryAfter {
				t.Errorf("Send gave %v, to be asked again after %v; want %v (%s) and %v", err, retryAfter(failure), row.Kind, row.Code, row.RetryAfter)
			}
		})
	}
}

func retryAfter(failure *providers.Error) time.Duration {
	if failure == nil {
		return 0
	}
	return failure.RetryAfter
}

// CommonAnswers are those that mean the same at every vendor: no body of the vendor's own, or one of another shape. Accepting
// statuses are left to the vendor's table.
func CommonAnswers() []Answer {
	const page = "<html><body>Bad gateway</body></html>"
	rows := []Answer{
		{Name: "moved", Status: 301, Header: map[string]string{"Location": "https://example.org/"}, Kind: providers.KindConfig, Code: "301"},
		{Name: "moved for now", Status: 307, Header: map[string]string{"Location": "/"}, Kind: providers.KindConfig, Code: "307"},
		{Name: "request time-out", Status: 408, Kind: providers.KindTemporary, Code: "408"},
		{Name: "gone", Status: 410, Kind: providers.KindConfig, Code: "410"},
		{Name: "too large", Status: 413, Body: page, Kind: providers.KindConfig, Code: "413"},
		{Name: "media type", Status: 415, Kind: providers.KindConfig, Code: "415"},
		{Name: "throttled", Status: 429, Kind: providers.KindThrottled, Code: "429"},
		{Name: "throttled for 30 s", Status: 429, Header: map[string]string{"Retry-After": "30"}, Kind: providers.KindThrottled, Code: "429", RetryAfter: 30 * time.Second},
		{Name: "throttled for a day", Status: 429, Header: map[string]string{"Retry-After": "86400"}, Kind: providers.KindThrottled, Code: "429", RetryAfter: time.Hour},
		{Name: "throttled for nonsense", Status: 429, Header: map[string]string{"Retry-After": "soon"}, Kind: providers.KindThrottled, Code: "429"},
		{Name: "unauthorized, a page", Status: 401, Body: page, Kind: providers.KindAuth, Code: "401"},
		{Name: "forbidden, a page", Status: 403, Body: page, Kind: providers.KindAuth, Code: "403"},
		{Name: "teapot", Status: 418, Body: `["short","stout"]`, Kind: providers.KindConfig, Code: "418"},
	}
	for _, status := range []int{500, 501, 502, 503, 520, 599} {
		for name, body := range map[string]string{"empty": "", "a page": page, "JSON": `{"unknown":true}`, "half": `{"error":`} {
			rows = append(rows, Answer{Name: name, Status: status, Body: body, Kind: providers.KindTemporary, Code: strconv.Itoa(status)})
		}
	}
	return append(
		rows,
		Answer{Name: "broken for a minute", Status: 503, Header: map[string]string{"Retry-After": "60"}, Kind: providers.KindTemporary, Code: "503", RetryAfter: time.Minute},
		Answer{Name: "a gateway that does not know", Status: 504, Body: page, Kind: providers.KindAmbiguous, Code: "504"},
	)
}
