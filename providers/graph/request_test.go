package graph_test

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
	"byoe/providers/graph"
	"byoe/providers/providertest"
	"byoe/redact"
)

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
	url := providertest.Prism(t, "graph", "graph-v1.0.json")
	if _, err := open(t, platform, url, providertest.PrismClient(t, "")).Send(t.Context(), providertest.Submission(1)); err != nil {
		t.Errorf("Send gave %v", err)
	}
	for status, kind := range map[int]providers.Kind{
		400: providers.KindConfig, 401: providers.KindAuth, 403: providers.KindAuth, 404: providers.KindConfig, 409: providers.KindConfig,
		429: providers.KindThrottled,
	} {
		_, err := open(t, platform, url, providertest.PrismClient(t, "code="+strconv.Itoa(status))).Send(t.Context(), providertest.Submission(1))
		if providers.KindOf(err) != kind {
			t.Errorf("%d: Send gave %v, want %v", status, err, kind)
		}
	}
}

func TestTokens(t *testing.T) {
	platform := providertest.NewIdentity(t, token)
	r := providertest.Record(t, takes)
	provider := open(t, platform, r.URL, providertest.Client(t))
	if _, err := provider.Send(t.Context(), providertest.Submission(1)); err != nil || r.Last(t).Header.Get("Authorization") != "Bearer "+token {
		t.Errorf("%v, %q", err, r.Last(t).Header.Get("Authorization"))
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

func TestCheck(t *testing.T) {
	platform := providertest.NewIdentity(t, token)
	for name, tt := range map[string]struct {
		status int
		code   string
		good   bool
	}{
		"nobody to send to": {400, "ErrorInvalidRecipients", true},
		"another complaint": {400, "ErrorInvalidRequest", false},
		"no permission":     {403, "ErrorAccessDenied", false},
		"no mailbox":        {404, "MailboxNotEnabledForRESTAPI", false},
		"taken":             {202, "", false},
	} {
		r := providertest.Record(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(tt.status)
			_, _ = w.Write([]byte(complaint(tt.code)))
		})
		proven, err := open(t, platform, r.URL, providertest.Client(t)).Check(t.Context(), providertest.Submission(1))
		if (err == nil) != tt.good || tt.good && proven == "" {
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
