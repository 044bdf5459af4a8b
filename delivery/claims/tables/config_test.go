package tables_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"byoe/config"
	"byoe/delivery/claims/tables"
	"byoe/redact"
)

const keyed = "DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=" + anyKey + ";EndpointSuffix=core.windows.net"

func load(t *testing.T, environ map[string]string) tables.Config {
	t.Helper()
	var c tables.Config
	if _, problems := config.Load(environ, nil, &c); len(problems) != 0 {
		t.Fatal(problems)
	}
	return c
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		environ map[string]string
		want    string // how the only problem begins; "" for none
	}{
		"nothing":               {nil, "DEDUPE_TABLES_CONNECTION: not set, and the app has no storage account of its own"},
		"key":                   {map[string]string{"DEDUPE_TABLES_CONNECTION": keyed}, ""},
		"key, other case":       {map[string]string{"DEDUPE_TABLES_CONNECTION": strings.ToUpper(keyed[:24]) + keyed[24:]}, ""},
		"signature":             {map[string]string{"DEDUPE_TABLES_CONNECTION": "TableEndpoint=https://contoso.table.core.windows.net/;SharedAccessSignature=sv=1&sig=hunter2%3D"}, ""},
		"emulator":              {map[string]string{"AzureWebJobsStorage": "UseDevelopmentStorage=true"}, ""},
		"url":                   {map[string]string{"DEDUPE_TABLES_URL": "https://contoso.table.core.windows.net/"}, ""},
		"key, loopback":         {map[string]string{"DEDUPE_TABLES_CONNECTION": keyed + ";TableEndpoint=http://localhost:10002/contoso"}, ""},
		"host's account":        {map[string]string{"AzureWebJobsStorage__accountName": "contoso"}, ""},
		"host's table endpoint": {map[string]string{"AzureWebJobsStorage__tableServiceUri": "https://contoso.table.core.usgovcloudapi.net"}, ""},
		"what is not used is not checked": {map[string]string{
			"DEDUPE_TABLES_CONNECTION": keyed, "DEDUPE_TABLES_URL": "hunter2", "AzureWebJobsStorage": "hunter2", "AzureWebJobsStorage__accountName": "HUNTER2",
		}, ""},

		"no connection string": {map[string]string{"DEDUPE_TABLES_CONNECTION": "hunter2"}, "DEDUPE_TABLES_CONNECTION: no connection string"},
		"blobs only":           {map[string]string{"AzureWebJobsStorage": "BlobEndpoint=https://hunter2.blob.core.windows.net;SharedAccessSignature=sig"}, "AzureWebJobsStorage: no connection string of a storage account with tables"},
		"strange account":      {map[string]string{"DEDUPE_TABLES_CONNECTION": "AccountName=hunter2/../x;AccountKey=" + anyKey}, "DEDUPE_TABLES_CONNECTION: no connection string"},
		"no key":               {map[string]string{"DEDUPE_TABLES_CONNECTION": "AccountName=hunter2"}, "DEDUPE_TABLES_CONNECTION: has neither"},
		"key not base64":       {map[string]string{"DEDUPE_TABLES_CONNECTION": "AccountName=contoso;AccountKey=hunter2!"}, "DEDUPE_TABLES_CONNECTION: has no account name, or a key that is not base64"},
		"key without account":  {map[string]string{"DEDUPE_TABLES_CONNECTION": "TableEndpoint=https://hunter2.example;AccountKey=" + anyKey}, "DEDUPE_TABLES_CONNECTION: has no account name"},
		"key over http":        {map[string]string{"DEDUPE_TABLES_CONNECTION": strings.Replace(keyed, "https", "http", 1)}, "DEDUPE_TABLES_CONNECTION: not https (plain http is for loopback only)"},
		"connection's endpoint": {
			map[string]string{"DEDUPE_TABLES_CONNECTION": keyed + ";TableEndpoint=http://hunter2.example"},
			"DEDUPE_TABLES_CONNECTION: not https",
		},
		"url over http":       {map[string]string{"DEDUPE_TABLES_URL": "http://hunter2.table.core.windows.net"}, "DEDUPE_TABLES_URL: not https"},
		"url, loopback":       {map[string]string{"DEDUPE_TABLES_URL": "http://127.0.0.1:10002/hunter2"}, "DEDUPE_TABLES_URL: not https, which a managed identity's token needs"},
		"url without host":    {map[string]string{"DEDUPE_TABLES_URL": "hunter2"}, "DEDUPE_TABLES_URL: not a URL"},
		"url with signature":  {map[string]string{"DEDUPE_TABLES_URL": "https://contoso.table.core.windows.net?sig=hunter2"}, "DEDUPE_TABLES_URL: has a user, a query or a fragment"},
		"url with user":       {map[string]string{"DEDUPE_TABLES_URL": "https://hunter2@contoso.table.core.windows.net"}, "DEDUPE_TABLES_URL: has a user"},
		"host's account, URL": {map[string]string{"AzureWebJobsStorage__accountName": "hunter2.table.core.windows.net"}, "AzureWebJobsStorage__accountName: no name of a storage account"},
		"host's endpoint":     {map[string]string{"AzureWebJobsStorage__tableServiceUri": "http://hunter2.example"}, "AzureWebJobsStorage__tableServiceUri: not https"},
		"table's name":        {map[string]string{"DEDUPE_TABLES_CONNECTION": keyed, "DEDUPE_TABLE": "1st_hunter2"}, "DEDUPE_TABLE: no name for a table"},
		"short table's name":  {map[string]string{"DEDUPE_TABLES_CONNECTION": keyed, "DEDUPE_TABLE": "ab"}, "DEDUPE_TABLE: no name for a table"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := load(t, tc.environ)
			problems := c.Validate()
			_, err := tables.New(c, newWire(t))
			if tc.want == "" {
				if len(problems) != 0 || err != nil {
					t.Errorf("problems: %v; New gave %v", problems, err)
				}
				return
			}
			if len(problems) != 1 || !strings.HasPrefix(problems.Error(), tc.want) || strings.Contains(strings.ToLower(problems.Error()), "hunter2") {
				t.Errorf("problems: %v, want %s", problems, tc.want)
			}
			if err == nil || strings.Contains(strings.ToLower(err.Error()), "hunter2") {
				t.Errorf("New gave %v", err)
			}
		})
	}
}

func TestConfigured(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"DEDUPE_TABLES_CONNECTION", "DEDUPE_TABLES_URL", "AzureWebJobsStorage", "AzureWebJobsStorage__accountName", "AzureWebJobsStorage__tableServiceUri"} {
		if !load(t, map[string]string{name: "x"}).Configured() {
			t.Errorf("with %s no account is known", name)
		}
	}
	if load(t, map[string]string{"DEDUPE_TABLE": "x", "DEDUPE_TABLES_CLIENT_ID": "x", "AzureWebJobsStorage__clientId": "x"}).Configured() {
		t.Error("an account is known where none is named")
	}
}

// TestPrecedence takes away, one after the other, the setting that counts.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	environ := map[string]string{
		"DEDUPE_TABLES_CONNECTION":             "AccountName=first;AccountKey=" + anyKey,
		"DEDUPE_TABLES_URL":                    "https://second.table.core.windows.net",
		"AzureWebJobsStorage":                  "AccountName=third;EndpointSuffix=core.example;AccountKey=" + anyKey,
		"AzureWebJobsStorage__tableServiceUri": "https://fourth.table.core.windows.net",
		"AzureWebJobsStorage__accountName":     "fifth",
	}
	for _, step := range []struct{ setting, host string }{
		{"DEDUPE_TABLES_CONNECTION", "first.table.core.windows.net"},
		{"DEDUPE_TABLES_URL", ""},
		{"AzureWebJobsStorage", "third.table.core.example"},
		{"AzureWebJobsStorage__tableServiceUri", ""},
		{"AzureWebJobsStorage__accountName", ""},
	} {
		if got := askedHost(t, load(t, environ)); got != step.host {
			t.Errorf("with %s the store asks %q, want %q", step.setting, got, step.host)
		}
		delete(environ, step.setting)
	}
}

// askedHost returns where the store asks; "" where it has to have a token first.
func askedHost(t *testing.T, c tables.Config) (host string) {
	t.Helper()
	s, err := tables.New(c, service(func(r *http.Request) (*http.Response, error) {
		host = r.URL.Host
		return nil, errDown
	}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Acquire(t.Context(), numbered(1), "a", time.Second); err == nil {
		t.Fatal("nobody answered, but there is no error")
	}
	return host
}

func TestSignatureGoesToTheServiceAndNowhereElse(t *testing.T) {
	t.Parallel()
	var got string
	c := tables.Config{Table: "claims", Connection: redact.NewSecret("TableEndpoint=https://contoso.table.core.windows.net/;SharedAccessSignature=?sv=1&sig=hunter2%3D")}
	s, err := tables.New(c, service(func(r *http.Request) (*http.Response, error) {
		got = r.URL.Path + " " + r.URL.Query().Get("sig")
		return nil, errors.New(r.URL.String())
	}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Acquire(t.Context(), numbered(1), "a", time.Second)
	if got != "/claims hunter2=" || err == nil || err.Error() != "table storage: insert: no answer" {
		t.Errorf("the service got %q, the error is %v", got, err)
	}
}

func TestOwnClientFollowsNobodyAndIsClosed(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{})
	server := httptest.NewUnstartedServer(http.RedirectHandler("/elsewhere", http.StatusTemporaryRedirect))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			close(closed)
		}
	}
	server.Start()
	defer server.Close()
	s, err := tables.New(tables.Config{Table: "claims", Connection: redact.NewSecret(keyed + ";TableEndpoint=" + server.URL)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Acquire(t.Context(), numbered(1), "a", time.Second); err == nil || err.Error() != "table storage: insert: 307" {
		t.Errorf("Acquire gave %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.Run(ctx)
	select {
	case <-closed:
	case <-time.After(5 * time.Second):
		t.Error("the connection stays open")
	}
}
