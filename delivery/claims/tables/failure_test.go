package tables_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"byoe/delivery"
	"byoe/delivery/claims/tables"
	"byoe/redact"
)

func TestFailuresTellACodeAndNothingElse(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		does service
		want string
	}{
		"throttled":      {func(r *http.Request) (*http.Response, error) { return refusal(r, 503, "ServerBusy"), nil }, "503 ServerBusy"},
		"not let in":     {func(r *http.Request) (*http.Response, error) { return refusal(r, 403, "AuthenticationFailed"), nil }, "403 AuthenticationFailed"},
		"not a word":     {func(r *http.Request) (*http.Response, error) { return refusal(r, 500, "hunter2 here"), nil }, "500"},
		"a proxy's page": {func(r *http.Request) (*http.Response, error) { return answer(r, 502, "<p>hunter2</p>"), nil }, "502"},
		"a redirect": {func(r *http.Request) (*http.Response, error) {
			return answer(r, 302, "", "Location", "https://hunter2/"), nil
		}, "302"},
		"another conflict": {
			func(r *http.Request) (*http.Response, error) { return refusal(r, 409, "TableBeingDeleted"), nil },
			"409 TableBeingDeleted",
		},
		"down": {func(*http.Request) (*http.Response, error) { return nil, errDown }, "no answer"},
		"late": {func(*http.Request) (*http.Response, error) { return nil, context.DeadlineExceeded }, "no answer in time"},
		"off":  {func(*http.Request) (*http.Response, error) { return nil, context.Canceled }, "called off"},
		"too long": {func(r *http.Request) (*http.Response, error) {
			return answer(r, 201, "{}"+strings.Repeat(" ", 5<<20)), nil
		}, "no answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked int
			s := openService(t, func(r *http.Request) (*http.Response, error) { asked++; return tc.does(r) })
			_, err := s.Acquire(t.Context(), numbered(1), "a", time.Second)
			if err == nil || err.Error() != "table storage: insert: "+tc.want {
				t.Errorf("Acquire gave %v, want %s", err, tc.want)
			}
			if asked != 1 {
				t.Errorf("%d requests were made, want no second try", asked)
			}
			for what, err := range map[string]error{
				"Renew":  s.Renew(t.Context(), numbered(1), "a", time.Second),
				"Settle": s.Settle(t.Context(), numbered(1), settled("a"), time.Second), "Release": s.Release(t.Context(), numbered(1), "a"),
			} {
				if err == nil || errors.Is(err, delivery.ErrLost) || strings.Contains(fmt.Sprintf("%+v", err), "hunter2") {
					t.Errorf("%s gave %v", what, err)
				}
			}
		})
	}
}

// endless is an answer that goes on for far longer than memory should be spent on.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	if e.read > 1<<30 {
		return 0, io.EOF
	}
	e.read += len(p)
	return len(p), nil
}

func (e *endless) Close() error { return nil }

func TestEndlessAnswerIsNotReadOn(t *testing.T) {
	t.Parallel()
	body := &endless{}
	s := openService(t, func(r *http.Request) (*http.Response, error) {
		a := answer(r, 201, "")
		a.Body, a.ContentLength = body, -1
		return a, nil
	})
	if _, err := s.Acquire(t.Context(), numbered(1), "a", time.Second); err == nil || body.read > 16<<20 {
		t.Errorf("%v after %d bytes", err, body.read)
	}
}

func TestCausesCanBeFound(t *testing.T) {
	t.Parallel()
	s := openService(t, func(*http.Request) (*http.Response, error) { return nil, errDown })
	if _, err := s.Acquire(t.Context(), numbered(1), "a", time.Second); !errors.Is(err, errDown) {
		t.Errorf("the cause of %v is not found", err)
	}
}

// byMethod answers an insert with 409 and everything else as the test says.
func byMethod(does map[string]service) service {
	return func(r *http.Request) (*http.Response, error) {
		if do, known := does[r.Method]; known {
			return do(r)
		}
		return refusal(r, 409, "EntityAlreadyExists"), nil
	}
}

const (
	heldForEver = `{"Timestamp":"2026-11-23T10:00:00.1234567Z","Owner":"a","KeepMillis":1000}`
	isSettled   = `{"Timestamp":"2026-11-23T10:00:00.1234567Z","Owner":"a","Settled":true,"KeepMillis":20000,"Provider":"vendor","MessageID":"id-1"}`
)

func found(body, date string) service {
	return func(r *http.Request) (*http.Response, error) {
		return answer(r, 200, body, "ETag", `W/"1"`, "Date", date, "Content-Type", "application/json"), nil
	}
}

func changed(r *http.Request) (*http.Response, error) {
	return refusal(r, 412, "UpdateConditionNotSatisfied"), nil
}

func missing(r *http.Request) (*http.Response, error) {
	return refusal(r, 404, "ResourceNotFound"), nil
}

const (
	atOnce = "Mon, 23 Nov 2026 10:00:00 GMT"
	after  = "Mon, 23 Nov 2026 10:01:00 GMT"
)

func TestRaceThatNeverEndsIsGivenUp(t *testing.T) {
	t.Parallel()
	var asked int
	count := func(do service) service {
		return func(r *http.Request) (*http.Response, error) { asked++; return do(r) }
	}
	for name, does := range map[string]service{
		"rewritten each time": byMethod(map[string]service{"GET": found(heldForEver, after), "PUT": changed, "DELETE": changed}),
		"gone each time":      byMethod(map[string]service{"GET": missing}),
	} {
		asked = 0
		s := openService(t, count(does))
		if _, err := s.Acquire(t.Context(), numbered(1), "b", time.Second); err == nil || asked > 9 {
			t.Errorf("%s: after %d requests Acquire gave %v", name, asked, err)
		}
	}
	s := openService(t, count(byMethod(map[string]service{"GET": found(heldForEver, atOnce), "PUT": changed, "DELETE": changed})))
	for name, do := range map[string]func() error{
		"Renew":   func() error { return s.Renew(t.Context(), numbered(1), "a", time.Second) },
		"Settle":  func() error { return s.Settle(t.Context(), numbered(1), settled("a"), time.Second) },
		"Release": func() error { return s.Release(t.Context(), numbered(1), "a") },
	} {
		asked = 0
		if err := do(); err == nil || errors.Is(err, delivery.ErrLost) || asked > 4 {
			t.Errorf("%s gave %v after %d requests", name, err, asked)
		}
	}
}

func TestOutcomeIsToldThoughItCannotBeProlonged(t *testing.T) {
	t.Parallel()
	for name, put := range map[string]service{
		"down":    func(*http.Request) (*http.Response, error) { return nil, errDown },
		"changed": changed,
	} {
		s := openService(t, byMethod(map[string]service{"GET": found(isSettled, atOnce), "PUT": put}))
		if r := acquire(t, s, numbered(1), "b", time.Second); r != settled("a") {
			t.Errorf("%s: the claim is %+v", name, r)
		}
	}
}

func TestDateOfAnAnswerEndsALease(t *testing.T) {
	t.Parallel()
	var wrote string
	put := func(r *http.Request) (*http.Response, error) {
		wrote = r.Header.Get("If-Match")
		return answer(r, 204, "", "ETag", `W/"2"`), nil
	}
	s := openService(t, byMethod(map[string]service{"GET": found(heldForEver, atOnce), "PUT": put}))
	if r := acquire(t, s, numbered(1), "b", time.Second); r.Owner != "a" || wrote != "" {
		t.Errorf("before its end the claim is %+v", r)
	}
	s = openService(t, byMethod(map[string]service{"GET": found(heldForEver, after), "PUT": put}))
	if r := acquire(t, s, numbered(1), "b", time.Second); r != (delivery.Record{Owner: "b", TakenOver: true}) || wrote != `W/"1"` {
		t.Errorf("after its end the claim is %+v, written over version %q", r, wrote)
	}
}

// TestTimestampOfAnotherRowEndsALease: Date has whole seconds, a row that somebody just wrote tells the time better.
func TestTimestampOfAnotherRowEndsALease(t *testing.T) {
	t.Parallel()
	get := func(r *http.Request) (*http.Response, error) {
		body := heldForEver
		if strings.Contains(r.URL.Path, numbered(2).String()) {
			body = strings.Replace(heldForEver, "10:00:00.12", "10:00:01.13", 1)
		}
		return found(body, atOnce)(r)
	}
	put := func(r *http.Request) (*http.Response, error) { return answer(r, 204, "", "ETag", `W/"2"`), nil }
	s := openService(t, byMethod(map[string]service{"GET": get, "PUT": put}))
	if r := acquire(t, s, numbered(1), "b", time.Second); r.Owner != "a" {
		t.Errorf("before its end the claim is %+v", r)
	}
	acquire(t, s, numbered(2), "b", time.Second)
	if r := acquire(t, s, numbered(1), "b", time.Second); r.Owner != "b" {
		t.Errorf("after its end the claim is %+v", r)
	}
}

func TestRowThatIsNoClaimIsAnError(t *testing.T) {
	t.Parallel()
	s := openService(t, byMethod(map[string]service{"GET": found(`{"Owner":7,"hunter2":1}`, atOnce)}))
	if _, err := s.Acquire(t.Context(), numbered(1), "b", time.Second); err == nil || err.Error() != "table storage: read: not a claim" {
		t.Errorf("Acquire gave %v", err)
	}
}

func TestSlowServiceIsLeftInTime(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	defer server.Close()
	defer close(hang)
	s := openAt(t, server.URL)
	for name, do := range everyCall(s) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		start := time.Now()
		err := do(ctx)
		cancel()
		if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took > time.Second {
			t.Errorf("%s gave %v after %v", name, err, took)
		}
	}
}

func TestServiceThatIsDownIsToldAtOnce(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	s := openAt(t, "http://"+l.Addr().String())
	for name, do := range everyCall(s) {
		start := time.Now()
		if err := do(t.Context()); err == nil || errors.Is(err, delivery.ErrLost) || time.Since(start) > time.Second {
			t.Errorf("%s gave %v after %v", name, err, time.Since(start))
		}
	}
}

func everyCall(s *tables.Store) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"Acquire": func(ctx context.Context) error { _, err := s.Acquire(ctx, numbered(1), "a", time.Second); return err },
		"Renew":   func(ctx context.Context) error { return s.Renew(ctx, numbered(1), "a", time.Second) },
		"Settle":  func(ctx context.Context) error { return s.Settle(ctx, numbered(1), settled("a"), time.Second) },
		"Release": func(ctx context.Context) error { return s.Release(ctx, numbered(1), "a") },
	}
}

func openAt(t *testing.T, url string) *tables.Store {
	t.Helper()
	s, err := tables.New(tables.Config{Table: "claims", Connection: redact.NewSecret("AccountName=contoso;AccountKey=" + anyKey + ";TableEndpoint=" + url)}, newWire(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}
