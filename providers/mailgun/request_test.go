package mailgun_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byoe/message"
	"byoe/providers"
	"byoe/providers/mailgun"
	"byoe/providers/providertest"
	"byoe/redact"
)

func takes(w http.ResponseWriter, _ *http.Request) { accept(w, "id-1") }

func form(t *testing.T, r *providertest.Recorder) url.Values {
	t.Helper()
	values, err := url.ParseQuery(string(r.Last(t).Body))
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func TestRequest(t *testing.T) {
	t.Parallel()
	r := providertest.Record(t, takes)
	s := providertest.Submission(1)
	s.Message.From.Name = `Contoso, "Ltd." 確認`
	provider := connect(t, r.URL+"/")
	if _, err := provider.Send(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	want := url.Values{
		"from": {`"Contoso, \"Ltd.\" 確認" <no-reply@contoso.example>`}, "to": {"person-000001@example.org"},
		"subject": {"31415987 is your Contoso code"}, "text": {s.Message.Text}, "html": {s.Message.HTML},
		"h:Reply-To": {`"Contoso help" <help@contoso.example>`}, "h:Auto-Submitted": {"auto-generated"},
		"h:X-Auto-Response-Suppress": {"OOF, AutoReply"}, "h:X-Entity-Ref-ID": {s.ID},
		"o:tracking": {"no"}, "o:tracking-clicks": {"no"}, "o:tracking-opens": {"no"},
		"v:correlation_id": {s.Message.CorrelationID}, "v:submission_id": {s.ID},
	}
	if diff := cmp.Diff(want, form(t, r)); diff != "" {
		t.Errorf("the request (-want +got):\n%s", diff)
	}
	if target := r.Last(t).Target; target != "/v3/mg.contoso.example/messages" {
		t.Errorf("it went to %s", target)
	}
	s.Message.ReplyTo = nil
	if _, err := provider.Send(t.Context(), s); err != nil || form(t, r).Has("h:Reply-To") {
		t.Errorf("without a reply address: %v, %v", err, form(t, r))
	}
}

// Mailgun is the one vendor that takes such an address as it is.
func TestLocalPartBeyondASCII(t *testing.T) {
	t.Parallel()
	r := providertest.Record(t, takes)
	to, err := message.ParseAddress("用户@bücher.example")
	if err != nil {
		t.Fatal(err)
	}
	s := providertest.Submission(1)
	s.Message.To = to
	if _, err := connect(t, r.URL).Send(t.Context(), s); err != nil || form(t, r).Get("to") != "用户@xn--bcher-kva.example" {
		t.Errorf("%v, and the mail went to %q", err, form(t, r).Get("to"))
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	r := providertest.Record(t, takes)
	provider := connect(t, r.URL)
	checker, _ := provider.(providers.Checker)
	if proven, err := checker.Check(t.Context(), providertest.Submission(1)); err != nil || proven == "" || form(t, r).Get("o:testmode") != "yes" {
		t.Errorf("Check gave %q, %v with test mode %q", proven, err, form(t, r).Get("o:testmode"))
	}
	if _, err := provider.Send(t.Context(), providertest.Submission(1)); err != nil || form(t, r).Has("o:testmode") {
		t.Error("a real mail goes in test mode")
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	good := mailgun.Config{APIKey: redact.NewSecret(key), Domain: domain}
	for name, tt := range map[string]struct {
		change func(*mailgun.Config)
		want   string
	}{
		"good":           {func(*mailgun.Config) {}, ""},
		"EU":             {func(c *mailgun.Config) { c.BaseURL = "https://api.eu.mailgun.net" }, ""},
		"no key":         {func(c *mailgun.Config) { c.APIKey = redact.Secret{} }, "MAILGUN_API_KEY"},
		"odd key":        {func(c *mailgun.Config) { c.APIKey = redact.NewSecret(key + " ") }, "MAILGUN_API_KEY"},
		"no domain":      {func(c *mailgun.Config) { c.Domain = "" }, "MAILGUN_DOMAIN"},
		"a path":         {func(c *mailgun.Config) { c.Domain = "mg.contoso.example/../x" }, "MAILGUN_DOMAIN"},
		"a word":         {func(c *mailgun.Config) { c.Domain = "contoso" }, "MAILGUN_DOMAIN"},
		"plain http":     {func(c *mailgun.Config) { c.BaseURL = "http://api.mailgun.net" }, "MAILGUN_BASE_URL"},
		"everything bad": {func(c *mailgun.Config) { *c = mailgun.Config{BaseURL: "x"} }, "MAILGUN_BASE_URL MAILGUN_API_KEY MAILGUN_DOMAIN"},
	} {
		c := good
		tt.change(&c)
		providertest.CheckProblems(t, c.Validate(), tt.want, key)
		if _, err := mailgun.New(c, providertest.Client(t)); (err != nil) != (tt.want != "") {
			t.Errorf("%s: New gave %v", name, err)
		}
	}
	if _, err := mailgun.New(good, nil); err == nil {
		t.Error("New took no client")
	}
}
