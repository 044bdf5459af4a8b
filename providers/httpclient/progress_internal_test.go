package httpclient

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"

	"byoe/providers"
)

var errTest = errors.New("test")

// watched returns a request as the transport sees it.
func watched(t *testing.T, body io.Reader) (*http.Request, *Progress) {
	t.Helper()
	ctx, progress := Watch(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://vendor.example", body)
	if err != nil {
		t.Fatal(err)
	}
	req, err = guard(req)
	if err != nil {
		t.Fatal(err)
	}
	return req, progress
}

// Once Failure has said that nothing was sent, nothing may be sent: the transport's goroutines outlive the call.
func TestBodyIsWithheldAfterFailure(t *testing.T) {
	t.Parallel()
	req, progress := watched(t, strings.NewReader("mail"))
	if failure := progress.Failure(errTest); failure.Kind != providers.KindTemporary || failure.Code != "connect" {
		t.Errorf("before the body: %v, want temporary (connect)", failure)
	}
	if n, err := req.Body.Read(make([]byte, 10)); n != 0 || !errors.Is(err, errWithheld) {
		t.Errorf("the body gave %d bytes, %v", n, err)
	}
	if _, err := req.GetBody(); !errors.Is(err, errWithheld) {
		t.Errorf("GetBody returned %v", err)
	}
}

func TestBodyMakesAmbiguous(t *testing.T) {
	t.Parallel()
	req, progress := watched(t, strings.NewReader("mail"))
	_, _ = req.Body.Read(make([]byte, 1))
	if failure := progress.Failure(errTest); failure.Kind != providers.KindAmbiguous {
		t.Errorf("after a byte of the body: %v, want ambiguous", failure)
	}
}

// A client that does not hand the body to us still tells through httptrace that it was sent.
func TestTraceMakesAmbiguous(t *testing.T) {
	t.Parallel()
	for name, tell := range map[string]func(*httptrace.ClientTrace){
		"headers": func(trace *httptrace.ClientTrace) { trace.WroteHeaders() },
		"request": func(trace *httptrace.ClientTrace) { trace.WroteRequest(httptrace.WroteRequestInfo{}) },
	} {
		ctx, progress := Watch(t.Context())
		tell(httptrace.ContextClientTrace(ctx))
		if failure := progress.Failure(errTest); failure.Kind != providers.KindAmbiguous {
			t.Errorf("%s: %v, want ambiguous", name, failure)
		}
	}
}

// The transport asks for the body again only where nothing, or not all, was written: then a second connection is fine.
func TestBodyMayBeSentAgainUntilItWasWritten(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]io.Reader{
		"with GetBody":             strings.NewReader("mail"),
		"without, as from the SDK": io.MultiReader(strings.NewReader("mail")),
	} {
		req, progress := watched(t, body)
		if req.ContentLength != 4 {
			t.Errorf("%s: length %d, want 4", name, req.ContentLength)
		}
		_, _ = req.Body.Read(make([]byte, 4))
		again, err := req.GetBody()
		if err != nil {
			t.Fatalf("%s: GetBody returned %v before anything was written", name, err)
		}
		if failure := peek(progress); failure {
			t.Errorf("%s: still ambiguous although the transport began anew", name)
		}
		if text, err := io.ReadAll(again); err != nil || string(text) != "mail" {
			t.Errorf("%s: the second body is %q, %v", name, text, err)
		}
		httptrace.ContextClientTrace(req.Context()).WroteRequest(httptrace.WroteRequestInfo{Err: errTest})
		if _, err := req.GetBody(); err != nil {
			t.Errorf("%s: GetBody returned %v after half a request", name, err)
		}
		httptrace.ContextClientTrace(req.Context()).WroteRequest(httptrace.WroteRequestInfo{})
		if _, err := req.GetBody(); !errors.Is(err, errWithheld) {
			t.Errorf("%s: GetBody returned %v after the whole request", name, err)
		}
	}
}

func peek(p *Progress) (started bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.started
}

func TestRequestBodyIsBounded(t *testing.T) {
	t.Parallel()
	ctx, _ := Watch(t.Context())
	endless := io.LimitReader(zeros{}, maxRequest+2)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://vendor.example", endless)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := guard(req); err == nil {
		t.Error("a body beyond the limit was kept")
	}
}

type zeros struct{}

func (zeros) Read(buffer []byte) (int, error) { return len(buffer), nil }

func TestRequestsWithoutProgressPass(t *testing.T) {
	t.Parallel()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://vendor.example", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := guard(req); err != nil || got != req {
		t.Error("a request that nobody watches was changed")
	}
}
