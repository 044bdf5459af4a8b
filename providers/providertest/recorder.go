package providertest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"byoe/config"
)

// Recorder is a vendor that takes every mail and keeps the requests.
type Recorder struct {
	URL string

	mu       sync.Mutex
	requests []Recorded
}

// Recorded is one request as it came.
type Recorded struct {
	Method, Target string
	Header         http.Header
	Body           []byte
}

// Record starts a vendor that answers with accept.
func Record(t *testing.T, accept http.HandlerFunc) *Recorder {
	t.Helper()
	r := &Recorder{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		r.requests = append(r.requests, Recorded{req.Method, req.RequestURI, req.Header, body})
		r.mu.Unlock()
		accept(w, req)
	}))
	t.Cleanup(server.Close)
	r.URL = server.URL
	return r
}

// Requests returns all requests so far.
func (r *Recorder) Requests() []Recorded {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Recorded(nil), r.requests...)
}

// Last returns the latest request.
func (r *Recorder) Last(t *testing.T) Recorded {
	t.Helper()
	all := r.Requests()
	if len(all) == 0 {
		t.Fatal("the vendor was not asked")
	}
	return all[len(all)-1]
}

// CheckProblems wants problems with these settings, in this order, and no value of a setting in them.
func CheckProblems(t *testing.T, problems config.Problems, want string, secrets ...string) {
	t.Helper()
	var got []string
	for _, problem := range problems {
		got = append(got, problem.Setting)
		if problem.What == "" || problem.Remedy == "" {
			t.Errorf("%v has no remedy", problem)
		}
		for _, secret := range secrets {
			if strings.Contains(problem.Error(), secret) {
				t.Errorf("%v quotes a setting", problem)
			}
		}
	}
	if strings.Join(got, " ") != want {
		t.Errorf("problems with %v, want %q", got, want)
	}
}
