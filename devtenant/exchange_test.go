package devtenant_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byoe/devtenant"
	"byoe/redact"
)

// documented is the only answer that Entra takes, from Microsoft's documentation.
const documented = `{
  "data": {
    "@odata.type": "microsoft.graph.OnOtpSendResponseData",
    "actions": [{"@odata.type": "microsoft.graph.OtpSend.continueWithDefaultBehavior"}]
  }
}`

// webhook records what it is sent and answers as it is told.
type webhook struct {
	*httptest.Server

	mu     sync.Mutex
	calls  []call
	answer func(w http.ResponseWriter, r *http.Request, number int)
}

type call struct {
	method, path, query, contentType, authorization, body string
}

func newWebhook(t *testing.T, answer func(w http.ResponseWriter, r *http.Request, number int)) *webhook {
	t.Helper()
	hook := &webhook{answer: answer}
	hook.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("reading the event: %v", err)
		}
		hook.mu.Lock()
		hook.calls = append(hook.calls, call{
			method: r.Method, path: r.URL.Path, query: r.URL.RawQuery, contentType: r.Header.Get("Content-Type"),
			authorization: r.Header.Get("Authorization"), body: string(body),
		})
		number := len(hook.calls)
		hook.mu.Unlock()
		hook.answer(w, r, number)
	}))
	t.Cleanup(hook.Close)
	return hook
}

// received returns the calls so far.
func (h *webhook) received() []call {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]call(nil), h.calls...)
}

// says answers with that.
func says(status int, contentType, body string) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header()["Content-Type"] = []string{contentType}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestTheDocumentedEventIsSent(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	hook := newWebhook(t, says(200, "application/json; charset=utf-8", documented))

	exchange, err := tenant.SendCode(t.Context(), hook.URL+"/api/EmailOtpSend?code=key", devtenant.SignIn{
		Code:          redact.NewSecret("12345678"),
		CorrelationID: "3333dddd-44ee-ffff-aa55-bbbbbbbb6666",
	})
	if err != nil {
		t.Fatal(err)
	}
	if !exchange.Accepted() || exchange.Last().Status != 200 || string(exchange.Last().Body) != documented {
		t.Errorf("not accepted: %v", exchange.Last().Refusal)
	}
	calls := hook.received()
	if len(calls) != 1 || len(exchange.Attempts) != 1 {
		t.Fatalf("%d calls, %d attempts", len(calls), len(exchange.Attempts))
	}
	got := calls[0]
	line := got.method + " " + got.path + "?" + got.query + " " + got.contentType
	if want := "POST /api/EmailOtpSend?code=key application/json"; line != want {
		t.Errorf("got %s, want %s", line, want)
	}
	token, isBearer := strings.CutPrefix(got.authorization, "Bearer ")
	_, err = verify(t, tenant, token)
	if !isBearer || err != nil {
		t.Errorf("the token: %v", err)
	}
	if diff := cmp.Diff(decode[any](t, documentedEvent), decode[any](t, got.body)); diff != "" {
		t.Error(diff)
	}
}

// documentedEvent is the payload of Microsoft's documentation. The service principals' ids are not given there.
const documentedEvent = `{
  "type": "microsoft.graph.authenticationEvent.emailOtpSend",
  "source": "/tenants/ffff5f5f-aa6a-bb7b-cc8c-dddddd9d9d9d/applications/bbbbbbbb-cccc-dddd-2222-333333333333",
  "data": {
    "@odata.type": "microsoft.graph.onOtpSendCalloutData",
    "otpContext": {"identifier": "someone@example.com", "oneTimeCode": "12345678"},
    "tenantId": "ffff5f5f-aa6a-bb7b-cc8c-dddddd9d9d9d",
    "authenticationEventListenerId": "00001111-aaaa-2222-bbbb-3333cccc4444",
    "customAuthenticationExtensionId": "11112222-bbbb-3333-cccc-4444dddd5555",
    "authenticationContext": {
      "correlationId": "3333dddd-44ee-ffff-aa55-bbbbbbbb6666",
      "client": {"ip": "192.168.0.0", "locale": "en-us", "market": "en-us"},
      "protocol": "OAUTH2.0",
      "requestType": "signUp",
      "clientServicePrincipal": {
        "id": "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb", "appId": "bbbbbbbb-cccc-dddd-2222-333333333333",
        "appDisplayName": "My Test application", "displayName": "My Test application"
      },
      "resourceServicePrincipal": {
        "id": "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb", "appId": "bbbbbbbb-cccc-dddd-2222-333333333333",
        "appDisplayName": "My Test application", "displayName": "My Test application"
      }
    }
  }
}`

func TestASignInIsSentAsItIsGiven(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	hook := newWebhook(t, says(200, "application/json", documented))
	exchange, err := tenant.SendCode(t.Context(), hook.URL, devtenant.SignIn{
		To: "佐藤@example.com", RequestType: devtenant.NoRequestType, Locale: "ja-jp", Market: "en-us",
		AppID: "99999999-2222-3333-4444-555555555555", AppName: "コントソ",
	})
	if err != nil {
		t.Fatal(err)
	}
	event := decode[struct {
		Source string
		Data   struct {
			OTPContext            struct{ Identifier, OneTimeCode string }
			AuthenticationContext map[string]any
		}
	}](t, hook.received()[0].body)
	if event.Data.OTPContext.Identifier != "佐藤@example.com" {
		t.Error("the address differs")
	}
	if !strings.HasSuffix(event.Source, "/99999999-2222-3333-4444-555555555555") {
		t.Errorf("source %q", event.Source)
	}
	code := event.Data.OTPContext.OneTimeCode
	if len(code) != 8 || strings.Trim(code, "0123456789") != "" || code != exchange.Code.Reveal() {
		t.Errorf("a code of %d characters, or not the one reported", len(code))
	}
	authentication := event.Data.AuthenticationContext
	if _, there := authentication["requestType"]; there {
		t.Error("requestType is there")
	}
	client := map[string]any{"ip": "192.168.0.0", "locale": "ja-jp", "market": "en-us"}
	if diff := cmp.Diff(client, authentication["client"]); diff != "" {
		t.Error(diff)
	}
	if authentication["correlationId"] != exchange.CorrelationID || len(exchange.CorrelationID) != 36 {
		t.Errorf("correlation id %v", authentication["correlationId"])
	}

	second, err := tenant.SendCode(t.Context(), hook.URL, devtenant.SignIn{Locale: "de-de"})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(hook.received()[1].body, `"locale":"de-de","market":"de-de"`) {
		t.Error("the market does not follow the locale")
	}
	if second.CorrelationID == exchange.CorrelationID || second.Code == exchange.Code {
		t.Error("two sign-ins share a code or a correlation id")
	}
}

func TestAnswersThatEntraDoesNotTake(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	odata := func(data, action string) string {
		return `{"data":{"@odata.type":"` + data + `","actions":[{"@odata.type":"` + action + `"}]}}`
	}
	const dataType, actionType = "microsoft.graph.OnOtpSendResponseData", "microsoft.graph.OtpSend.continueWithDefaultBehavior"
	cases := []struct {
		name        string
		status      int
		contentType string
		body        string
		code        int
	}{
		{"a server error", 502, "application/json", documented, 1003002},
		{"another success", 201, "application/json", documented, 1003002},
		{"a redirect", 302, "application/json", documented, 1003002},
		{"text", 200, "text/plain", documented, 1003006},
		{"no media type", 200, "", documented, 1003006},
		{"nothing", 200, "application/json", "", 1003009},
		{"no JSON", 200, "application/json", "ok", 1003003},
		{"JSON and more", 200, "application/json", documented + "x", 1003003},
		{"no object", 200, "application/json", "[]", 1003003},
		{"no data", 200, "application/json", "{}", 1003003},
		{"names in another case", 200, "application/json", strings.Replace(documented, `"data"`, `"Data"`, 1), 1003003},
		{"the type with a small o", 200, "application/json", odata("microsoft.graph.onOtpSendResponseData", actionType), 1003003},
		{"no action", 200, "application/json", `{"data":{"@odata.type":"` + dataType + `","actions":[]}}`, 1003010},
		{"two actions", 200, "application/json", strings.Replace(documented, "[{", `[{},{`, 1), 1003010},
		{"another action", 200, "application/json", odata(dataType, "microsoft.graph.OtpSend.showBlockPage"), 1003012},
		{"a member too many", 200, "application/json", strings.Replace(documented, "{", `{"x":1,`, 1), 1003003},
		{"too much", 200, "application/json", documented + strings.Repeat(" ", 70_000), 1003024},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			hook := newWebhook(t, says(c.status, c.contentType, c.body))
			exchange, err := tenant.SendCode(t.Context(), hook.URL, devtenant.SignIn{})
			if err != nil {
				t.Fatal(err)
			}
			last := exchange.Last()
			if last.Refusal.Code != c.code || exchange.Accepted() {
				t.Errorf("refusal %v, want %d", last.Refusal, c.code)
			}
			if !strings.HasPrefix(last.Refusal.Name, "CustomExtension") || len(last.Refusal.Name) == len("CustomExtension") {
				t.Errorf("the code has no name: %v", last.Refusal)
			}
			if last.Status != c.status {
				t.Errorf("status %d", last.Status)
			}
			if calls := len(hook.received()); calls != 1 {
				t.Errorf("%d calls: only a time-out is tried again", calls)
			}
		})
	}
}

func TestATimeOutIsTriedAgainOnce(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	hang := func(w http.ResponseWriter, r *http.Request, number int) {
		if number == 1 {
			<-r.Context().Done()
			return
		}
		says(200, "application/json", documented)(w, r, number)
	}

	t.Run("and the second call may be good", func(t *testing.T) {
		t.Parallel()
		hook := newWebhook(t, hang)
		exchange, err := tenant.SendCode(t.Context(), hook.URL, devtenant.SignIn{Timeout: 200 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		if !exchange.Accepted() || len(exchange.Attempts) != 2 || !exchange.Attempts[0].TimedOut() {
			t.Fatalf("attempts: %+v", exchange.Attempts)
		}
		first := exchange.Attempts[0]
		if total := first.Total(); total < 200*time.Millisecond || total > 2*time.Second {
			t.Errorf("the first attempt took %v", total)
		}
		if first.Status != 0 || first.Refusal.String() != "1003005 CustomExtensionTimedOut: no answer in 200ms" {
			t.Errorf("status %d, %v", first.Status, first.Refusal)
		}
		calls := hook.received()
		if calls[0].body != calls[1].body {
			t.Error("the second call is about another event")
		}
	})

	t.Run("and not a third time", func(t *testing.T) {
		t.Parallel()
		hook := newWebhook(t, func(_ http.ResponseWriter, r *http.Request, _ int) { <-r.Context().Done() })
		exchange, err := tenant.SendCode(t.Context(), hook.URL, devtenant.SignIn{Timeout: 50 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		if exchange.Accepted() || len(exchange.Attempts) != 2 || len(hook.received()) != 2 {
			t.Errorf("%d attempts, %d calls", len(exchange.Attempts), len(hook.received()))
		}
	})

	t.Run("where the body does not end in time either", func(t *testing.T) {
		t.Parallel()
		hook := newWebhook(t, func(w http.ResponseWriter, r *http.Request, _ int) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, documented[:20])
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
		exchange, err := tenant.SendCode(t.Context(), hook.URL, devtenant.SignIn{Timeout: 50 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		if !exchange.Last().TimedOut() || len(exchange.Attempts) != 2 {
			t.Errorf("attempts: %+v", exchange.Attempts)
		}
	})
}

func TestTheTimeIsDivided(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	hook := newWebhook(t, func(w http.ResponseWriter, r *http.Request, number int) {
		time.Sleep(60 * time.Millisecond)
		says(200, "application/json", documented)(w, r, number)
	})
	exchange, err := tenant.SendCode(t.Context(), hook.URL, devtenant.SignIn{})
	if err != nil {
		t.Fatal(err)
	}
	last := exchange.Last()
	if last.Token <= 0 || last.Request <= 0 || last.Answer < 50*time.Millisecond {
		t.Errorf("token %v, request %v, answer %v", last.Token, last.Request, last.Answer)
	}
	if last.Total() != last.Token+last.Request+last.Answer {
		t.Error("the total is not the sum")
	}
}

func TestAWebhookThatIsNotThere(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	exchange, err := tenant.SendCode(t.Context(), "http://"+freeAddr(t)+"/api/EmailOtpSend", devtenant.SignIn{})
	if err != nil {
		t.Fatal(err)
	}
	want := "1003027 CustomExtensionConnectionError: the webhook cannot be reached: connection refused"
	if got := exchange.Last().Refusal.String(); got != want || len(exchange.Attempts) != 1 {
		t.Errorf("%d attempts, %q", len(exchange.Attempts), got)
	}
}

func TestNoRedirectIsFollowed(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	elsewhere := newWebhook(t, says(200, "application/json", documented))
	hook := newWebhook(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	exchange, err := tenant.SendCode(t.Context(), hook.URL, devtenant.SignIn{})
	if err != nil {
		t.Fatal(err)
	}
	if exchange.Last().Status != http.StatusTemporaryRedirect || len(elsewhere.received()) != 0 {
		t.Errorf("status %d, %d calls elsewhere", exchange.Last().Status, len(elsewhere.received()))
	}
}

func TestWhatCannotBePlayed(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	for _, address := range []string{"", "127.0.0.1:7071", "/api/EmailOtpSend", "ftp://127.0.0.1/", "http://", "http://[::1"} {
		_, err := tenant.SendCode(t.Context(), address, devtenant.SignIn{})
		if err == nil {
			t.Errorf("%q is called", address)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	hook := newWebhook(t, func(_ http.ResponseWriter, r *http.Request, _ int) {
		cancel()
		<-r.Context().Done()
	})
	_, err := tenant.SendCode(ctx, hook.URL, devtenant.SignIn{})
	if !errors.Is(err, context.Canceled) || len(hook.received()) != 1 {
		t.Errorf("%d calls, %v", len(hook.received()), err)
	}
}

func TestAnExchangeDoesNotPrintItsCode(t *testing.T) {
	t.Parallel()
	exchange := devtenant.Exchange{Code: redact.NewSecret("12345678")}
	encoded, err := json.Marshal(exchange)
	if err != nil || strings.Contains(string(encoded), "12345678") {
		t.Errorf("the code is in the JSON: %v", err)
	}
}

func TestClosingTheTenantClosesItsConnections(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{}, 1)
	hook := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		says(200, "application/json", documented)(w, r, 1)
	}))
	hook.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			closed <- struct{}{}
		}
	}
	hook.Start()
	defer hook.Close()
	tenant, err := devtenant.Start(t.Context(), anywhere(), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = tenant.SendCode(t.Context(), hook.URL, devtenant.SignIn{})
	if err != nil {
		t.Fatal(err)
	}
	closeTenant(t, tenant)
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Error("the connection to the webhook is still open")
	}
}
