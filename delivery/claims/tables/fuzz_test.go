package tables_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"byoe/delivery"
	"byoe/delivery/claims/tables"
	"byoe/redact"
)

// taken answers that every row is there, and reads it as body.
type taken struct{ body []byte }

func (s taken) Do(r *http.Request) (*http.Response, error) {
	answer := &http.Response{StatusCode: http.StatusConflict, Header: http.Header{"X-Ms-Error-Code": {"EntityAlreadyExists"}}, Request: r}
	answer.Body = http.NoBody
	switch r.Method {
	case http.MethodGet:
		answer.StatusCode, answer.Header = http.StatusOK, http.Header{"Etag": {`W/"1"`}}
		answer.Body = io.NopCloser(bytes.NewReader(s.body))
	case http.MethodPut, http.MethodPatch, http.MethodDelete:
		answer.StatusCode, answer.Header = http.StatusNoContent, http.Header{"Etag": {`W/"2"`}}
	}
	return answer, nil
}

// Whatever is in the table, a claim is somebody's or an error that quotes nothing, and a row that is nobody's settles
// nothing.
func FuzzRow(f *testing.F) {
	for _, row := range []string{
		`{"PartitionKey":"a","RowKey":"b","Timestamp":"2026-01-01T00:00:00Z","Owner":"o","Delivery":"d","KeepMillis":1000}`,
		`{"Timestamp":"9999-12-31T23:59:59Z","Owner":"o","Settled":true,"KeepMillis":2147483647,"Provider":"smtp","MessageID":"<x>"}`,
		`{"Timestamp":"0001-01-01T00:00:00Z","KeepMillis":-2147483648}`, `{"KeepMillis":1e99}`, `{"Owner":1}`, `null`, `[]`, `{}`, ``, `{"Settled":"true"}`,
	} {
		f.Add([]byte(row))
	}
	key := delivery.Key{1, 2, 3}
	code := regexp.MustCompile(`^table storage: [a-z ]+: [A-Za-z0-9 ]+$`)
	f.Fuzz(func(t *testing.T, row []byte) {
		store, err := tables.New(tables.Config{
			Connection: redact.NewSecret("DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=a2V5;EndpointSuffix=core.windows.net"), Table: "claims",
		}, taken{row})
		if err != nil {
			t.Fatal(err)
		}
		const owner = "me"
		record, err := store.Acquire(t.Context(), key, owner, time.Second)
		if err != nil {
			if !code.MatchString(err.Error()) {
				t.Errorf("the error is %q", err)
			}
			return
		}
		if record.Owner == owner && record.Settled && !strings.Contains(string(row), owner) {
			t.Errorf("%s was settled for us: %+v", row, record)
		}
		if err := store.Release(t.Context(), key, owner); err != nil && !errors.Is(err, delivery.ErrLost) {
			t.Errorf("%s cannot be released: %v", row, err)
		}
	})
}
