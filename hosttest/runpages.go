package hosttest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// signInOnThePages is what a newcomer does after func start: a sign-in by the local tenant's forms, the code out of its
// mailbox, and the door opens. The webhook is called through the host.
func (s *session) signInOnThePages(t *testing.T) {
	s.tenant.submit(t, "/webhook", "webhook", s.host.URL()+"/api/EmailOtpSend")
	const to = "pages@example.com"
	journey := s.tenant.submit(t, "/signin", "to", to, "flow", "SignIn", "locale", "ja-jp", "client", "browser", "preset", "external-id")
	if !strings.HasPrefix(journey, "/signin/") {
		t.Fatalf("the form leads to %q", journey)
	}
	subjects := s.tenant.mailsTo(t, to)
	if len(subjects) != 1 || !strings.Contains(subjects[0], "サインイン") {
		t.Fatalf("the mails: %q", subjects)
	}
	code, _, _ := strings.Cut(subjects[0], " ")
	s.remember(to, code)
	s.tenant.submit(t, journey+"/verify", "code", code)
	if page := s.tenant.page(t, journey); !strings.Contains(page, "<h1>Signed in</h1>") {
		t.Error("the code does not open the door")
	}
}

// conformance has the tenant check the webhook through the host: what the host does to a call must not break what Entra
// needs.
func (s *session) conformance(t *testing.T) {
	var report struct {
		Seconds float64
		Checks  []struct{ ID, Verdict, Evidence string }
	}
	body := s.tenant.post(t, "/check.json", url.Values{"webhook": {s.host.URL() + "/api/EmailOtpSend"}})
	if err := json.Unmarshal([]byte(body), &report); err != nil || len(report.Checks) == 0 {
		t.Fatalf("no report: %v: %s", err, body)
	}
	for _, check := range report.Checks {
		if check.Verdict != "pass" {
			t.Errorf("%s: %s: %s", check.ID, check.Verdict, check.Evidence)
		}
	}
	t.Logf("%d checks in %.1f s", len(report.Checks), report.Seconds)
}

// submit sends a form and returns where it leads.
func (l localTenant) submit(t *testing.T, path string, fields ...string) string {
	t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	got := l.exchange(t, http.MethodPost, path, form)
	if got.status != http.StatusSeeOther {
		t.Fatalf("%s: status %d", path, got.status)
	}
	return got.header.Get("Location")
}

// post sends a form and returns the answer.
func (l localTenant) post(t *testing.T, path string, form url.Values) string {
	t.Helper()
	return l.exchange(t, http.MethodPost, path, form).body
}

// page returns a page.
func (l localTenant) page(t *testing.T, path string) string {
	t.Helper()
	return l.exchange(t, http.MethodGet, path, nil).body
}

func (l localTenant) exchange(t *testing.T, method, path string, form url.Values) answer {
	t.Helper()
	const most = 2 * time.Minute
	ctx, cancel := context.WithTimeout(t.Context(), most)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, l.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := l.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{status: response.StatusCode, header: response.Header, body: string(body)}
}
