package graph_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byoe/message"
	"byoe/providers"
	"byoe/providers/graph"
	"byoe/providers/providertest"
	"byoe/redact"
)

const tenantID = "7f0e4c1a-0000-4000-8000-000000000001"

func takes(w http.ResponseWriter, _ *http.Request) { accept(w, "id-1") }

func TestRequest(t *testing.T) {
	platform := providertest.NewIdentity(t, token)
	r := providertest.Record(t, takes)
	s := providertest.Submission(1)
	for _, name := range []string{"X-A", "X-B", "X-C", "X-D"} {
		s.Message.Headers = append(s.Message.Headers, message.Header{Name: name, Value: "v"})
	}
	provider := open(t, platform, r.URL, providertest.Client(t))
	if _, err := provider.Send(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal(r.Last(t).Body, &got); err != nil {
		t.Fatal(err)
	}
	field := func(name, value string) any { return map[string]any{"name": name, "value": value} }
	mailbox := func(address, name string) any {
		return map[string]any{"emailAddress": map[string]any{"address": address, "name": name}}
	}
	want := map[string]any{
		"message": map[string]any{
			"subject": "31415987 is your Contoso code", "body": map[string]any{"contentType": "HTML", "content": s.Message.HTML},
			"from":         mailbox("no-reply@contoso.example", "Contoso"),
			"toRecipients": []any{map[string]any{"emailAddress": map[string]any{"address": "person-000001@example.org"}}},
			"replyTo":      []any{mailbox("help@contoso.example", "Contoso help")},
			// Five, which is Graph's limit.
			"internetMessageHeaders": []any{
				field("X-Auto-Response-Suppress", "OOF, AutoReply"), field("X-A", "v"), field("X-B", "v"), field("X-C", "v"), field("X-D", "v"),
			},
		},
		"saveToSentItems": false,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the request (-want +got):\n%s", diff)
	}
	last := r.Last(t)
	if last.Target != "/v1.0/users/no-reply@contoso.example/sendMail" || last.Header.Get("Client-Request-Id") != s.Message.CorrelationID {
		t.Errorf("it went to %s as %s", last.Target, last.Header.Get("Client-Request-Id"))
	}
	s.Message.ReplyTo, s.Message.CorrelationID = nil, "no guid"
	if _, err := provider.Send(t.Context(), s); err != nil || strings.Contains(string(r.Last(t).Body), "replyTo") || r.Last(t).Header.Get("Client-Request-Id") != s.ID {
		t.Errorf("%v, %s", err, r.Last(t).Body)
	}
}

// TestContract sends to a mock of Graph's own metadata, and hears each of its answers.
func TestContract(t *testing.T) {
	platform := providertest.NewIdentity(t, token)
	mock := providertest.Prism(t, "graph", "graph-v1.0.json")
	if _, err := open(t, platform, mock, providertest.PrismClient(t, "")).Send(t.Context(), providertest.Submission(1)); err != nil {
		t.Errorf("Send gave %v", err)
	}
	// The mock looks at the form alone, so that it takes even a mail to nobody; that the form is right is what it proves here.
	if _, err := open(t, platform, mock, providertest.PrismClient(t, "")).Check(t.Context(), providertest.Submission(1)); err == nil || err.Error() != "ambiguous (202)" {
		t.Errorf("Check gave %v", err)
	}
	for status, kind := range map[int]providers.Kind{
		400: providers.KindConfig, 401: providers.KindAuth, 403: providers.KindAuth, 404: providers.KindConfig, 409: providers.KindConfig,
		429: providers.KindThrottled, 503: providers.KindTemporary,
	} {
		_, err := open(t, platform, mock, providertest.PrismClient(t, "code="+strconv.Itoa(status))).Send(t.Context(), providertest.Submission(1))
		if providers.KindOf(err) != kind {
			t.Errorf("%d: Send gave %v, want %v", status, err, kind)
		}
	}
}

func TestTokens(t *testing.T) {
	platform := providertest.NewIdentity(t, token)
	r := providertest.Record(t, takes)
	provider := open(t, platform, r.URL+"/", providertest.Client(t))
	if _, err := provider.Send(t.Context(), providertest.Submission(1)); err != nil || !strings.HasPrefix(r.Last(t).Target, "/v1.0/") || r.Last(t).Header.Get("Authorization") != "Bearer "+token {
		t.Errorf("%v, %s as %q", err, r.Last(t).Target, r.Last(t).Header.Get("Authorization"))
	}
	if got := platform.Resources(); !cmp.Equal(got, []string{r.URL}) {
		t.Errorf("tokens were asked for %v, want one for Graph's own address", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	provider.Run(ctx) // ends with its context

	platform = providertest.NewIdentity(t, "")
	without, err := graph.New(graph.Config{User: user, ClientID: platform.ClientID, BaseURL: r.URL}, providertest.Client(t))
	if err != nil {
		t.Fatal(err)
	}
	asked := len(r.Requests())
	for name, try := range map[string]func() error{
		"Send":    func() error { _, err := without.Send(t.Context(), providertest.Submission(1)); return err },
		"Connect": func() error { return without.Connect(t.Context()) },
	} {
		if err := try(); err == nil || providers.KindOf(err) == providers.KindAmbiguous || len(r.Requests()) != asked {
			t.Errorf("%s without a token gave %v", name, err)
		}
	}
}

// An address that Graph cannot carry costs no request, not even a check's.
func TestAddressesBeyondGraph(t *testing.T) {
	platform := providertest.NewIdentity(t, token)
	r := providertest.Record(t, takes)
	provider := open(t, platform, r.URL, providertest.Client(t))
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

// authority stands in for the tenant's token endpoint, and passes on what goes elsewhere.
type authority struct {
	next   http.RoundTripper
	target string
	form   url.Values
}

func (a *authority) RoundTrip(req *http.Request) (*http.Response, error) {
	const host = "login.microsoftonline.com"
	if req.URL.Host != host {
		return a.next.RoundTrip(req)
	}
	answer := httptest.NewRecorder()
	answer.Header().Set("Content-Type", "application/json")
	switch base := "https://" + host + "/" + tenantID; {
	case strings.HasSuffix(req.URL.Path, "/discovery/instance"):
		_, _ = fmt.Fprintf(answer, `{"tenant_discovery_endpoint":"%s/v2.0/.well-known/openid-configuration","metadata":[{"preferred_network":%q,"preferred_cache":%q,"aliases":[%q]}]}`, base, host, host, host)
	case strings.HasSuffix(req.URL.Path, "/openid-configuration"):
		_, _ = fmt.Fprintf(answer, `{"token_endpoint":"%s/token","authorization_endpoint":"%s/authorize","issuer":"%s/v2.0"}`, base, base, base)
	default:
		if err := req.ParseForm(); err != nil {
			return nil, err
		}
		a.target, a.form = req.URL.Path, req.PostForm
		_, _ = answer.WriteString(`{"access_token":"token-of-the-tenant","expires_in":3600,"token_type":"Bearer"}`)
	}
	response := answer.Result()
	response.Request = req
	return response, nil
}

// With a secret the token comes from the tenant, by way of the client that every provider uses.
func TestClientSecret(t *testing.T) {
	t.Parallel()
	const clientID, secret = "9c1d4f20-0000-4000-8000-000000000002", "secret-of-the-client"
	r := providertest.Record(t, takes)
	client := providertest.Client(t)
	tenant := &authority{next: client.Transport}
	provider, err := graph.New(graph.Config{
		User: user, TenantID: tenantID, ClientID: clientID, ClientSecret: redact.NewSecret(secret), BaseURL: r.URL,
	}, &http.Client{Transport: tenant})
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	if _, err := provider.Send(t.Context(), providertest.Submission(1)); err != nil {
		t.Fatal(err)
	}
	if got := r.Last(t).Header.Get("Authorization"); got != "Bearer token-of-the-tenant" {
		t.Errorf("Graph got %q", got)
	}
	form := tenant.form
	if form.Get("client_id") != clientID || form.Get("client_secret") != secret || !strings.Contains(form.Get("scope"), r.URL+"/.default") || !strings.HasPrefix(tenant.target, "/"+tenantID+"/") {
		t.Errorf("%s was asked as %s for %s", tenant.target, form.Get("client_id"), form.Get("scope"))
	}
}

func TestCheck(t *testing.T) {
	platform := providertest.NewIdentity(t, token)
	for name, tt := range map[string]struct {
		status int
		code   string
		good   bool
		kind   providers.Kind
	}{
		"nobody to send to":     {400, "ErrorInvalidRecipients", true, 0},
		"another complaint":     {400, "ErrorInvalidRequest", false, providers.KindConfig},
		"nobody, another place": {500, "ErrorInvalidRecipients", false, providers.KindTemporary},
		"no permission":         {403, "ErrorAccessDenied", false, providers.KindAuth},
		"no mailbox":            {404, "MailboxNotEnabledForRESTAPI", false, providers.KindConfig},
		"taken":                 {202, "", false, providers.KindAmbiguous},
	} {
		r := providertest.Record(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(tt.status)
			_, _ = w.Write([]byte(complaint(tt.code)))
		})
		proven, err := open(t, platform, r.URL, providertest.Client(t)).Check(t.Context(), providertest.Submission(1))
		if (err == nil) != tt.good || tt.good && proven == "" || !tt.good && providers.KindOf(err) != tt.kind {
			t.Errorf("%s: Check gave %q, %v", name, proven, err)
		}
		if body := string(r.Last(t).Body); !strings.Contains(body, `"toRecipients":[]`) || strings.Contains(body, "person-000001") {
			t.Errorf("%s: the check has a recipient: %s", name, body)
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	const id = "9c1d4f20-0000-4000-8000-000000000001"
	secret := redact.NewSecret("secret-of-the-client")
	for name, tt := range map[string]struct {
		config graph.Config
		want   string
	}{
		"managed identity":   {graph.Config{User: user}, ""},
		"named identity":     {graph.Config{User: id, ClientID: id}, ""},
		"client secret":      {graph.Config{User: user, TenantID: id, ClientID: id, ClientSecret: secret}, ""},
		"national cloud":     {graph.Config{User: user, BaseURL: "https://graph.microsoft.us/"}, ""},
		"nothing":            {graph.Config{}, "GRAPH_MAIL_USER"},
		"a path":             {graph.Config{User: "../me"}, "GRAPH_MAIL_USER"},
		"a name":             {graph.Config{User: "No Reply"}, "GRAPH_MAIL_USER"},
		"secret alone":       {graph.Config{User: user, ClientSecret: secret}, "GRAPH_TENANT_ID GRAPH_CLIENT_ID"},
		"tenant alone":       {graph.Config{User: user, TenantID: id}, "GRAPH_CLIENT_SECRET"},
		"tenant by its name": {graph.Config{User: user, TenantID: "contoso", ClientID: id, ClientSecret: secret}, "GRAPH_TENANT_ID"},
		"plain http":         {graph.Config{User: user, BaseURL: "http://graph.microsoft.com"}, "GRAPH_BASE_URL"},
	} {
		t.Run(name, func(t *testing.T) {
			providertest.CheckProblems(t, tt.config.Validate(), tt.want, "secret-of-the-client")
			if _, err := graph.New(tt.config, providertest.Client(t)); (err != nil) != (tt.want != "") {
				t.Errorf("New gave %v", err)
			}
		})
	}
	if _, err := graph.New(graph.Config{User: user}, nil); err == nil {
		t.Error("New took no client")
	}
}
