package acs_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byoe/message"
	"byoe/providers"
	"byoe/providers/acs"
	"byoe/providers/providertest"
	"byoe/redact"
)

func takes(w http.ResponseWriter, _ *http.Request) { accept(w, "op-1") }

func TestRequest(t *testing.T) {
	t.Parallel()
	r := providertest.Record(t, takes)
	s := providertest.Submission(1)
	provider := connect(t, r.URL)
	if _, err := provider.Send(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal(r.Last(t).Body, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"senderAddress": "no-reply@contoso.example",
		"recipients":    map[string]any{"to": []any{map[string]any{"address": "person-000001@example.org"}}},
		"replyTo":       []any{map[string]any{"address": "help@contoso.example", "displayName": "Contoso help"}},
		"content":       map[string]any{"subject": "31415987 is your Contoso code", "plainText": s.Message.Text, "html": s.Message.HTML},
		"headers":       map[string]any{"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply", "X-Entity-Ref-ID": s.ID},

		"userEngagementTrackingDisabled": true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the request (-want +got):\n%s", diff)
	}
	if target := r.Last(t).Target; target != "/emails:send?api-version=2025-09-01" {
		t.Errorf("it went to %s", target)
	}
	if id := r.Last(t).Header.Get("X-Ms-Client-Request-Id"); id != s.Message.CorrelationID {
		t.Errorf("the client's request id is %q, want the correlation id", id)
	}
	s.Message.CorrelationID, s.Message.ReplyTo = "no guid", nil
	if _, err := provider.Send(t.Context(), s); err != nil || r.Last(t).Header.Get("X-Ms-Client-Request-Id") != s.ID || strings.Contains(string(r.Last(t).Body), "replyTo") {
		t.Errorf("%v, client's request id %q, %s", err, r.Last(t).Header.Get("X-Ms-Client-Request-Id"), r.Last(t).Body)
	}
}

// TestContract sends to a mock of Azure's own API description, and hears each of its answers.
func TestContract(t *testing.T) {
	url := providertest.Prism(t, "acs", "email-2025-09-01.mock.json")
	provider := connectWith(t, url, providertest.PrismClient(t, ""))
	if receipt, err := provider.Send(t.Context(), providertest.Submission(1)); err != nil || receipt.MessageID == "" {
		t.Errorf("Send gave %v, %v", receipt, err)
	}
	if proven, err := provider.Check(t.Context(), providertest.Submission(1)); err != nil || proven == "" {
		t.Errorf("Check gave %q, %v", proven, err)
	}
	for status, kind := range map[int]providers.Kind{
		400: providers.KindConfig, 401: providers.KindAuth, 403: providers.KindAuth, 404: providers.KindConfig,
		429: providers.KindThrottled, 500: providers.KindTemporary, 503: providers.KindTemporary,
	} {
		_, err := connectWith(t, url, providertest.PrismClient(t, "code="+strconv.Itoa(status))).Send(t.Context(), providertest.Submission(1))
		if providers.KindOf(err) != kind {
			t.Errorf("%d: Send gave %v, want %v", status, err, kind)
		}
	}
}

func TestManagedIdentity(t *testing.T) {
	platform := providertest.NewIdentity(t, "token-of-the-platform")
	r := providertest.Record(t, takes)
	open := func() *acs.Provider {
		provider, err := acs.New(acs.Config{Endpoint: r.URL + "/", ClientID: platform.ClientID}, providertest.Client(t))
		if err != nil {
			t.Fatal(err)
		}
		return provider
	}
	provider := open()
	if err := provider.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := provider.Send(t.Context(), providertest.Submission(1)); err != nil {
		t.Fatal(err)
	}
	if target := r.Last(t).Target; target != "/emails:send?api-version=2025-09-01" {
		t.Errorf("it went to %s", target)
	}
	header := r.Last(t).Header
	if header.Get("Authorization") != "Bearer token-of-the-platform" || header.Get("X-Ms-Content-Sha256") != "" {
		t.Errorf("the request has %v", header)
	}
	if got := platform.Resources(); !cmp.Equal(got, []string{"https://communication.azure.com"}) {
		t.Errorf("tokens were asked for %v", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	provider.Run(ctx) // ends with its context

	platform.Refuse()
	platform.ClientID = providertest.NewIdentity(t, "").ClientID
	asked, without := len(r.Requests()), open()
	for name, try := range map[string]func() error{
		"Send":    func() error { _, err := without.Send(t.Context(), providertest.Submission(1)); return err },
		"Check":   func() error { _, err := without.Check(t.Context(), providertest.Submission(1)); return err },
		"Connect": func() error { return without.Connect(t.Context()) },
	} {
		if err := try(); providers.KindOf(err) != providers.KindAuth || len(r.Requests()) != asked {
			t.Errorf("%s without a token gave %v, want the token's failure and no request", name, err)
		}
	}
}

// An address that the service cannot carry costs no request, not even a check's.
func TestAddressesBeyondTheService(t *testing.T) {
	t.Parallel()
	r := providertest.Record(t, takes)
	provider := connectWith(t, r.URL, providertest.Client(t))
	for name, change := range map[string]func(*testing.T, *message.Message){
		"refused (non-ascii local part)": func(t *testing.T, m *message.Message) {
			to, err := message.ParseAddress("用户@example.org")
			if err != nil {
				t.Fatal(err)
			}
			m.To = to
		},
		"config (sender address)": func(_ *testing.T, m *message.Message) { m.From.Address = "no-reply@contoso.example, <evil@example.org" },
	} {
		s := providertest.Submission(1)
		change(t, s.Message)
		_, sent := provider.Send(t.Context(), s)
		_, checked := provider.Check(t.Context(), s)
		for _, err := range []error{sent, checked} {
			if err == nil || err.Error() != name {
				t.Errorf("it gave %v, want %s", err, name)
			}
		}
	}
	if asked := len(r.Requests()); asked != 0 {
		t.Errorf("the vendor was asked %d times", asked)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		body   string
		good   bool
		kind   providers.Kind
	}{
		"no such operation": {404, complaint("OperationNotFound", ""), true, 0},
		"operation":         {200, `{"id":"x","status":"Succeeded"}`, true, 0},
		"some page":         {200, "<html>", false, providers.KindAmbiguous},
		"some API":          {200, `{"ok":true}`, false, providers.KindAmbiguous},
		"some API's 404":    {404, `{"statusCode":404}`, false, providers.KindConfig},
		"no such service":   {404, "<html>", false, providers.KindConfig},
		"wrong key":         {401, complaint("Denied", ""), false, providers.KindAuth},
		"throttled":         {429, "", false, providers.KindThrottled},
	} {
		r := providertest.Record(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(tt.status)
			_, _ = w.Write([]byte(tt.body))
		})
		checker, _ := connect(t, r.URL).(providers.Checker)
		s := providertest.Submission(1)
		proven, err := checker.Check(t.Context(), s)
		if (err == nil) != tt.good || tt.good && proven == "" || !tt.good && providers.KindOf(err) != tt.kind {
			t.Errorf("%s: Check gave %q, %v", name, proven, err)
		}
		if last := r.Last(t); last.Method != "GET" || last.Target != "/emails/operations/"+s.ID+"?api-version=2025-09-01" || last.Header.Get("Authorization") == "" {
			t.Errorf("%s: asked %s %s", name, last.Method, last.Target)
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	const endpoint = "https://contoso.communication.azure.com"
	for name, tt := range map[string]struct {
		config acs.Config
		want   string
	}{
		"connection string":   {acs.Config{ConnectionString: connection(endpoint)}, ""},
		"odd case and spaces": {acs.Config{ConnectionString: redact.NewSecret("Endpoint=" + endpoint + "/ ; AccessKey=" + key() + ";")}, ""},
		"managed identity":    {acs.Config{Endpoint: endpoint}, ""},
		"named identity":      {acs.Config{Endpoint: endpoint, ClientID: "9c1d4f20-0000-4000-8000-000000000001"}, ""},
		"nothing":             {acs.Config{}, "ACS_CONNECTION_STRING"},
		"both":                {acs.Config{ConnectionString: connection(endpoint), Endpoint: endpoint}, "ACS_ENDPOINT"},
		"no endpoint in it":   {acs.Config{ConnectionString: redact.NewSecret("accesskey=" + key())}, "ACS_CONNECTION_STRING"},
		"no key in it":        {acs.Config{ConnectionString: redact.NewSecret("endpoint=" + endpoint)}, "ACS_CONNECTION_STRING"},
		"key not base64":      {acs.Config{ConnectionString: redact.NewSecret("endpoint=" + endpoint + ";accesskey=k€y")}, "ACS_CONNECTION_STRING"},
		"key alone":           {acs.Config{ConnectionString: redact.NewSecret(key())}, "ACS_CONNECTION_STRING ACS_CONNECTION_STRING"},
		"plain http":          {acs.Config{Endpoint: "http://contoso.communication.azure.com"}, "ACS_ENDPOINT"},
		"plain http in it":    {acs.Config{ConnectionString: connection("http://contoso.communication.azure.com")}, "ACS_CONNECTION_STRING"},
		"identity by name":    {acs.Config{Endpoint: endpoint, ClientID: "my-identity"}, "ACS_CLIENT_ID"},
	} {
		t.Run(name, func(t *testing.T) {
			providertest.CheckProblems(t, tt.config.Validate(), tt.want, key())
			if _, err := acs.New(tt.config, providertest.Client(t)); (err != nil) != (tt.want != "") {
				t.Errorf("New gave %v", err)
			}
		})
	}
	if _, err := acs.New(acs.Config{Endpoint: endpoint}, nil); err == nil {
		t.Error("New took no client")
	}
}
