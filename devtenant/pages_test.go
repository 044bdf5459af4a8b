package devtenant_test

import (
	"net/http"
	"net/smtp"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"byoe/devtenant"
)

// deliver puts a mail into the tenant's mailbox and returns its id.
func deliver(t *testing.T, tenant *devtenant.Tenant, raw string) string {
	t.Helper()
	err := smtp.SendMail(tenant.MailboxAddr(), nil, "bounces@example.com", []string{"someone@example.com"},
		[]byte(strings.ReplaceAll(raw, "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	return tenant.Mailbox().Mails()[0].ID
}

// hostile is a mail that tries to get out of its frame, to run and to call home.
const hostile = `From: "<b>Eve</b>" <eve@example.com>
Subject: "><script>alert(1)</script> 12345678
Content-Language: ja" onload="alert(1)
X-Test: </td></table><script>alert(2)</script>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain

</pre><script>alert(3)</script>
--b
Content-Type: text/html

<p>"'></iframe><script>alert(4)</script><img src="https://evil.example/pixel"><link rel="stylesheet" href="//evil.example/"></p>
--b--
`

// elements parses a page and returns its elements, those inside of a srcdoc not among them.
func elements(t *testing.T, body string) []*html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	var found []*html.Node
	for node := range root.Descendants() {
		if node.Type == html.ElementNode {
			found = append(found, node)
		}
	}
	return found
}

// named returns the elements of that name.
func named(nodes []*html.Node, name string) []*html.Node {
	return slices.DeleteFunc(slices.Clone(nodes), func(n *html.Node) bool { return n.Data != name })
}

// attribute returns an attribute's value, and whether it is there.
func attribute(node *html.Node, name string) (string, bool) {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func TestPagesAreWellMade(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	empty := get(t, tenant.URL()+"/mailbox")
	id := deliver(t, tenant, hostile)
	hook := newWebhook(t, says(500, "text/plain", "<script>alert(5)</script>"))
	attach(t, tenant, hook.URL+"/?x=<script>", somebodysTemplates{})
	journey := signIn(t, tenant, "to", `"><script>alert(6)</script>@example.com`, "otherlocale", `"><script>`, "appname", "<script>alert(7)</script>")
	pages := map[string]reply{
		"/signin":       get(t, tenant.URL()+"/signin"),
		"/signin/id":    get(t, tenant.URL()+journey),
		"/templates":    get(t, tenant.URL()+"/templates"),
		"/requests":     get(t, tenant.URL()+"/requests"),
		"/requests/id":  get(t, tenant.URL()+"/requests/1"),
		"/faults":       get(t, tenant.URL()+"/faults"),
		"search":        get(t, tenant.URL()+"/mailbox?q=%22%3E%3Cscript%3E"),
		"/":             get(t, tenant.URL()+"/"),
		"empty mailbox": empty,
		"/mailbox":      get(t, tenant.URL()+"/mailbox"),
		"/mailbox/id":   get(t, tenant.URL()+"/mailbox/"+id),
		"not found":     ask(t, http.MethodGet, tenant.URL()+"/nothing", ""),
	}
	for name, page := range pages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := page.header.Get("Content-Type"); got != "text/html; charset=utf-8" {
				t.Errorf("media type %q", got)
			}
			nodes := elements(t, page.body)
			if lang, _ := attribute(named(nodes, "html")[0], "lang"); lang != "en" {
				t.Errorf("lang is %q", lang)
			}
			for _, once := range []string{"title", "h1", "main", "nav", "header", "footer"} {
				if count := len(named(nodes, once)); count != 1 {
					t.Errorf("%d elements %s", count, once)
				}
			}
			checkReferences(t, tenant, nodes)
			for _, script := range named(nodes, "script") {
				if _, external := attribute(script, "src"); !external || script.FirstChild != nil {
					t.Error("a script in the page")
				}
			}
		})
	}
}

// checkReferences wants every address to be the tenant's own, every one of its own to be there, and no handler.
func checkReferences(t *testing.T, tenant *devtenant.Tenant, nodes []*html.Node) {
	t.Helper()
	for _, node := range nodes {
		for _, a := range node.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
				t.Errorf("<%s %s>", node.Data, a.Key)
			}
			if !slices.Contains([]string{"href", "src", "action", "poster", "data", "srcset"}, a.Key) {
				continue
			}
			reference, err := url.Parse(a.Val)
			if err != nil || (reference.Host != "" && "http://"+reference.Host != tenant.URL()) {
				t.Errorf("<%s %s=%q> leads elsewhere", node.Data, a.Key, a.Val)
				continue
			}
			if method, _ := attribute(node, "method"); method == "post" {
				if got := ask(t, http.MethodPost, tenant.URL()+reference.Path, ""); got.status == http.StatusNotFound || got.status == http.StatusMethodNotAllowed {
					t.Errorf("the form goes to %s: status %d", reference.Path, got.status)
				}
			} else if reference.Path != "" {
				get(t, tenant.URL()+reference.Path)
			}
		}
	}
}

func TestAMailCannotLeaveItsFrame(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	id := deliver(t, tenant, hostile)
	page := get(t, tenant.URL()+"/mailbox/"+id)
	nodes := elements(t, page.body)

	frames := named(nodes, "iframe")
	if len(frames) != 1 {
		t.Fatalf("%d frames", len(frames))
	}
	sandbox, there := attribute(frames[0], "sandbox")
	if !there || sandbox != "" {
		t.Errorf("sandbox is %q, %t: it must be there and allow nothing", sandbox, there)
	}
	inside, _ := attribute(frames[0], "srcdoc")
	if want := tenant.Mailbox().Mails()[0].HTML; inside != want {
		t.Errorf("the frame shows %q, not the mail's HTML", inside)
	}
	if title, _ := attribute(frames[0], "title"); title == "" {
		t.Error("the frame has no title")
	}
	if _, there := attribute(frames[0], "lang"); there {
		t.Error("a hostile Content-Language became an attribute")
	}
	for _, name := range []string{"script", "img", "b"} {
		if count := len(named(nodes, name)); count != 0 {
			t.Errorf("%d elements %s outside of the frame", count, name)
		}
	}
	policy := page.header.Get("Content-Security-Policy")
	for _, want := range []string{
		"default-src 'none'", "script-src 'self'", "img-src 'self' data:", "form-action 'none'", "base-uri 'none'",
	} {
		if !strings.Contains(policy, want+";") {
			t.Errorf("the policy %q lacks %s", policy, want)
		}
	}
	if !strings.Contains(page.body, "12345678") {
		t.Error("the code is not shown")
	}
}

func TestTheMailsLanguageIsGiven(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	id := deliver(t, tenant, "Subject: =?utf-8?b?56K66KqN?=\nContent-Language: ja\n\ntext\n")
	for _, path := range []string{"/mailbox", "/mailbox/" + id} {
		found := false
		for _, node := range elements(t, get(t, tenant.URL()+path).body) {
			lang, _ := attribute(node, "lang")
			found = found || lang == "ja" && node.FirstChild != nil && node.FirstChild.Data == "確認"
		}
		if !found {
			t.Errorf("%s: the subject is not marked as Japanese", path)
		}
	}
}

func TestTheFrontPageSaysHowToUseIt(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	body := html.UnescapeString(get(t, tenant.URL()+"/").body)
	for _, want := range []string{
		"samples/send.sh", "grant_type=client_credentials \\\n  " + tenant.URL() + "/" + devtenant.TenantID + "/oauth2/v2.0/token",
		tenant.Authority() + "/.well-known/openid-configuration", tenant.MailboxAddr(), devtenant.Audience, devtenant.CallerAppID,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("it lacks %q", want)
		}
	}
	for name, value := range tenant.Settings() {
		if !strings.Contains(body, name+"="+value+"\n") {
			t.Errorf("it lacks the setting %s", name)
		}
	}
}

func TestMailboxAsJSON(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	if got := get(t, tenant.URL()+"/mailbox.json").body; strings.TrimSpace(got) != "[]" {
		t.Errorf("an empty mailbox is %q", got)
	}
	id := deliver(t, tenant, hostile)
	deliver(t, tenant, "Subject: second\n\n4711\n")

	list := decode[[]map[string]any](t, get(t, tenant.URL()+"/mailbox", "Accept", "application/json").body)
	if len(list) != 2 || list[0]["subject"] != "second" || list[0]["code"] != "4711" {
		t.Fatalf("the list holds %d mails", len(list))
	}
	if _, there := list[0]["raw"]; there {
		t.Error("the list holds bodies")
	}
	for _, path := range []string{"/mailbox/" + id + ".json", "/mailbox/" + id} {
		mail := decode[map[string]any](t, get(t, tenant.URL()+path, "Accept", "application/json").body)
		for _, member := range []string{
			"id", "received", "from", "to", "subject", "text", "html", "headers", "raw", "code", "envelopeFrom",
		} {
			if _, there := mail[member]; !there {
				t.Errorf("%s lacks %s", path, member)
			}
		}
		if mail["id"] != id || mail["code"] != "12345678" {
			t.Errorf("%s: id %v", path, mail["id"])
		}
	}
	gone := ask(t, http.MethodGet, tenant.URL()+"/mailbox/999.json", "")
	if gone.status != http.StatusNotFound || gone.header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("a mail that is not there: status %d, %s", gone.status, gone.header.Get("Content-Type"))
	}
}

func TestJSONIsGivenToWhomPrefersIt(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	cases := []struct {
		accept string
		json   bool
	}{
		{"", false},
		{"*/*", false},
		{"application/json", true},
		{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false},
		{"application/json, text/html;q=0.9", true},
		{"application/json;q=0.5, text/html", false},
		{"application/*, text/html;q=0.1", true},
		{"application/json;q=0, */*", false},
		{"application/json, */*;q=0.1", true},
		{"application/json;q=nonsense", false},
		{";;;, application/json", true},
	}
	for _, c := range cases {
		got := get(t, tenant.URL()+"/mailbox", "Accept", c.accept).header
		if isJSON := strings.HasPrefix(got.Get("Content-Type"), "application/json"); isJSON != c.json {
			t.Errorf("Accept %q: %s", c.accept, got.Get("Content-Type"))
		}
		if got.Get("Vary") != "Accept" {
			t.Error("Vary is missing")
		}
	}
}

func TestClearingTheMailbox(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	id := deliver(t, tenant, "Subject: x\n\ny\n")
	if got := ask(t, http.MethodDelete, tenant.URL()+"/mailbox", ""); got.status != http.StatusNoContent {
		t.Fatalf("status %d", got.status)
	}
	if len(tenant.Mailbox().Mails()) != 0 {
		t.Error("mails are left")
	}
	page := ask(t, http.MethodGet, tenant.URL()+"/mailbox/"+id, "")
	if page.status != http.StatusNotFound || !strings.Contains(page.body, "had to make room") {
		t.Errorf("a mail that is gone: status %d", page.status)
	}
}

func TestAMalformedMailSaysSo(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	id := deliver(t, tenant, "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\nnothing\n")
	if !strings.Contains(get(t, tenant.URL()+"/mailbox/"+id).body, "This mail is malformed") {
		t.Error("the page does not say so")
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	for path, mediaType := range map[string]string{
		"/assets/tenant.css": "text/css", "/assets/live.js": "text/javascript", "/assets/icon.svg": "image/svg+xml",
	} {
		got := get(t, tenant.URL()+path)
		if !strings.HasPrefix(got.header.Get("Content-Type"), mediaType) {
			t.Errorf("%s is %s", path, got.header.Get("Content-Type"))
		}
		if strings.Contains(got.body, "//") && strings.Contains(strings.ReplaceAll(got.body, "http://www.w3.org/2000/svg", ""), "://") {
			t.Errorf("%s leads elsewhere", path)
		}
	}
	css := get(t, tenant.URL()+"/assets/tenant.css").body
	if !strings.Contains(css, "prefers-color-scheme: dark") || strings.Contains(css, "url(") || strings.Contains(css, "@import") {
		t.Error("the style sheet has no dark colours or loads something")
	}
	for _, path := range []string{"/assets/", "/assets/none.css", "/pages/mail.html", "/assets/../pages/mail.html"} {
		if got := ask(t, http.MethodGet, tenant.URL()+path, ""); got.status == http.StatusOK {
			t.Errorf("%s is served", path)
		}
	}
}
