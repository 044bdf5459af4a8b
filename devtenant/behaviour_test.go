package devtenant_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"byoe/devtenant"
	"byoe/devtenant/mailbox"
	"byoe/redact"
)

func TestEntraCallsAgainAsItIsTold(t *testing.T) {
	t.Parallel()
	fails := says(500, "text/plain", "no")
	slow := func(w http.ResponseWriter, r *http.Request, number int) {
		if number == 1 {
			<-r.Context().Done()
			return
		}
		says(200, "application/json", documented)(w, r, number)
	}
	cases := map[string]struct {
		behaviour devtenant.Behaviour
		answer    func(http.ResponseWriter, *http.Request, int)
		calls     int
		same      bool
		accepted  bool
	}{
		"after a time-out":            {devtenant.Behaviour{Timeout: 200 * time.Millisecond, Retries: 1}, slow, 2, true, true},
		"with another correlation id": {devtenant.Behaviour{Timeout: 200 * time.Millisecond, Retries: 1, RetryNewCorrelationID: true}, slow, 2, false, true},
		"never":                       {devtenant.Behaviour{Timeout: 200 * time.Millisecond}, slow, 1, true, false},
		"not after a failure":         {devtenant.Behaviour{Timeout: time.Second, Retries: 1}, fails, 1, true, false},
		"after any failure":           {devtenant.Behaviour{Timeout: time.Second, Retries: 1, RetryAnyFailure: true}, fails, 2, true, false},
		"no more than Entra would":    {devtenant.Behaviour{Timeout: time.Second, Retries: 9, RetryAnyFailure: true}, fails, 2, true, false},
		"not after a success":         {devtenant.Behaviour{Timeout: time.Second, Retries: 1, RetryAnyFailure: true}, says(200, "application/json", documented), 1, true, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := start(t)
			hook := newWebhook(t, c.answer)
			tenant.SetBehaviour(c.behaviour)
			exchange, err := tenant.SendCode(t.Context(), hook.URL, devtenant.SignIn{})
			if err != nil {
				t.Fatal(err)
			}
			codes, correlations := sent(t, hook)
			if len(codes) != c.calls || exchange.Accepted() != c.accepted {
				t.Fatalf("%d calls, accepted %t", len(codes), exchange.Accepted())
			}
			if c.calls == 2 && (codes[0] != codes[1] || (correlations[0] == correlations[1]) != c.same) {
				t.Errorf("the second call: same code %t, same correlation id %t", codes[0] == codes[1], correlations[0] == correlations[1])
			}
			for i, attempt := range exchange.Attempts {
				if attempt.CorrelationID != correlations[i] {
					t.Errorf("attempt %d remembers another correlation id than it sent", i+1)
				}
			}
			if exchange.Fallback != "" || len(tenant.Mailbox().Mails()) != 0 {
				t.Error("Microsoft sent a mail although fallback is off")
			}
		})
	}
}

func TestTheBoundsOfTheBehaviour(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	if got, want := tenant.Behaviour(), (devtenant.Behaviour{Timeout: 2 * time.Second, Retries: 1}); got != want {
		t.Errorf("at the start: %+v", got)
	}
	for given, want := range map[time.Duration]time.Duration{
		0: 200 * time.Millisecond, 199 * time.Millisecond: 200 * time.Millisecond, 200 * time.Millisecond: 200 * time.Millisecond,
		2 * time.Second: 2 * time.Second, time.Minute: 2 * time.Second,
	} {
		tenant.SetBehaviour(devtenant.Behaviour{Timeout: given, Retries: -1})
		if got := tenant.Behaviour(); got.Timeout != want || got.Retries != 0 {
			t.Errorf("%v: %+v", given, got)
		}
	}
	got := submit(t, tenant, "/behaviour", "timeout", "300", "retries", "1", "anyfailure", "on", "newcorrelation", "on", "lowercase", "on", "fallback", "on")
	want := devtenant.Behaviour{Timeout: 300 * time.Millisecond, Retries: 1, RetryAnyFailure: true, RetryNewCorrelationID: true, LowerCaseCode: true, Fallback: true}
	if got.status != http.StatusSeeOther || tenant.Behaviour() != want {
		t.Errorf("by the form: status %d, %+v", got.status, tenant.Behaviour())
	}
	if page := get(t, tenant.URL()+"/").body; strings.Count(page, " checked") != 4 || !strings.Contains(page, `value="300"`) {
		t.Error("the page does not show what is set")
	}
}

func TestTheCodesOtherSpelling(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	tenant.SetBehaviour(devtenant.Behaviour{Timeout: time.Second, LowerCaseCode: true})
	body, err := tenant.Event(devtenant.SignIn{Code: redact.NewSecret("12345678")})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(body); !strings.Contains(got, `"onetimecode":"12345678"`) || strings.Contains(got, "oneTimeCode") {
		t.Error("the code is not spelled onetimecode alone")
	}
}

func TestMicrosoftsOwnMail(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	hook := newWebhook(t, says(502, "text/plain", "no"))
	tenant.SetBehaviour(devtenant.Behaviour{Timeout: time.Second, Fallback: true})
	exchange, err := tenant.SendCode(t.Context(), hook.URL, devtenant.SignIn{To: "a\r\nBcc: b@example.com\r\n\r\n@example.com", Code: redact.NewSecret("87654321")})
	if err != nil {
		t.Fatal(err)
	}
	mails := tenant.Mailbox().Mails()
	if len(mails) != 1 || exchange.Fallback != mails[0].ID || mails[0].Code != "87654321" || mails[0].Provider != mailbox.Microsoft {
		t.Fatalf("%d mails, fallback %q", len(mails), exchange.Fallback)
	}
	if mails[0].Header("Bcc") != "" || mails[0].Problem != "" {
		t.Errorf("the address broke the mail: %s", mails[0].Problem)
	}
	if !strings.Contains(get(t, tenant.URL()+"/requests").body, "Microsoft sent a mail") {
		t.Error("the list of requests does not say so")
	}
}

// A slow webhook does its work in time; Entra hears of it too late.
func TestASlowWebhook(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	hook := newWebhook(t, says(200, "application/json", documented))
	tenant.SetBehaviour(devtenant.Behaviour{Timeout: 200 * time.Millisecond, Retries: 1})
	submit(t, tenant, "/faults/slow", "slow", "5000")
	exchange, err := tenant.SendCode(t.Context(), hook.URL, devtenant.SignIn{})
	if err != nil {
		t.Fatal(err)
	}
	if exchange.Accepted() || len(exchange.Attempts) != 2 || !exchange.Last().TimedOut() || len(hook.received()) != 2 {
		t.Errorf("%d attempts, %v", len(exchange.Attempts), exchange.Last().Refusal)
	}
	submit(t, tenant, "/faults/mend")
	exchange, err = tenant.SendCode(t.Context(), hook.URL, devtenant.SignIn{})
	if err != nil || !exchange.Accepted() {
		t.Errorf("after mending: %v, %v", err, exchange.Last().Refusal)
	}
}

func TestTheKeyEndpointsFaults(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	keys := tenant.URL() + "/" + devtenant.TenantID + "/discovery/v2.0/keys"
	for fault, want := range map[string]struct {
		status int
		body   string
	}{
		"":        {200, `"kid"`},
		"fail":    {503, "temporarily_unavailable"},
		"empty":   {200, `"keys": []`},
		"garbage": {200, "<title>"},
	} {
		if got := submit(t, tenant, "/faults/keys", "do", "fault", "fault", fault); got.status != http.StatusSeeOther {
			t.Fatalf("setting %q: %d", fault, got.status)
		}
		if got := ask(t, http.MethodGet, keys, ""); got.status != want.status || !strings.Contains(got.body, want.body) {
			t.Errorf("%q: status %d, %q", fault, got.status, got.body)
		}
	}
	submit(t, tenant, "/faults/keys", "do", "fault", "fault", "garbage")
	submit(t, tenant, "/faults/keys", "do", "roll")
	if page := get(t, tenant.URL()+"/faults").body; !strings.Contains(page, "Keys published: 2.") || strings.Count(page, "broken now") != 1 {
		t.Error("the page does not show the rolled keys and the fault")
	}
	submit(t, tenant, "/faults/keys", "do", "withdraw")
	submit(t, tenant, "/faults/provider", "provider", "smtp", "fault", "down", "times", "3")
	if page := get(t, tenant.URL()+"/faults").body; !strings.Contains(page, "Keys published: 1.") || !strings.Contains(page, `value="3"`) {
		t.Error("the page does not show the withdrawn keys and the provider's fault")
	}
	submit(t, tenant, "/faults/mend")
	fault, _ := tenant.Mailbox().FaultOf(mailbox.SMTP)
	if tenant.KeyFault() != devtenant.KeysSound || fault != mailbox.FaultNone {
		t.Errorf("mending leaves %q and %q", tenant.KeyFault(), fault)
	}
}

// An endpoint that hangs keeps nobody: neither the client that goes, nor the tenant that stops.
func TestAHangingKeyEndpoint(t *testing.T) {
	t.Parallel()
	tenant, err := devtenant.Start(t.Context(), anywhere(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := tenant.SetKeyFault(devtenant.KeysHang); err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tenant.URL()+"/"+devtenant.TenantID+"/discovery/v2.0/keys", nil)
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan error, 1)
	go func() {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		response, err := client.Do(request)
		if err == nil {
			_, err = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
		asked <- err
	}()
	select {
	case err := <-asked:
		t.Fatalf("it answers: %v", err)
	case <-time.After(300 * time.Millisecond):
	}
	started := time.Now()
	closeTenant(t, tenant)
	if took := time.Since(started); took > time.Second {
		t.Errorf("closing took %v", took)
	}
	if err := <-asked; err == nil {
		t.Error("the client got an answer")
	}
}
