package message_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/net/html"

	"byoe/event"
	"byoe/message"
	"byoe/redact"
)

func settings() message.Config {
	return message.Config{From: "Contoso <no-reply@contoso.example>", DefaultLocale: "en", CodeInSubject: true, Validity: 30 * time.Minute}
}

func newComposer(t testing.TB, c message.Config) *message.Composer {
	t.Helper()
	composer, problems := message.NewComposer(c)
	if len(problems) != 0 {
		t.Fatalf("the test's own settings: %v", problems)
	}
	return composer
}

func sampleEvent() *event.Event {
	return &event.Event{
		Identifier: redact.NewSecret("ann@example.com"), Code: redact.NewSecret("02345678"), Flow: event.FlowSignUp, Locale: "en-us",
		CorrelationID: "3333dddd-44ee-ffff-aa55-bbbbbbbb6666", Client: event.ServicePrincipal{AppDisplayName: "My Test application"},
	}
}

func compose(t testing.TB, c message.Config, change func(e *event.Event)) *message.Message {
	t.Helper()
	composer := newComposer(t, c)
	e := sampleEvent()
	if change != nil {
		change(e)
	}
	m, err := composer.Compose(e)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMailForEachFlowAndLanguage(t *testing.T) {
	t.Parallel()
	cases := []struct {
		locale  string
		flow    event.Flow
		subject string
		text    []string
	}{
		{"en-us", event.FlowSignUp, "02345678 - Your sign-up code for My Test application", []string{"create your account", "valid for 30 minutes"}},
		{"en-us", event.FlowSignIn, "02345678 - Your sign-in code for My Test application", []string{"sign-in page"}},
		{"en-us", event.FlowPasswordReset, "02345678 - Your password reset code for My Test application", []string{"reset your password"}},
		{"en-us", event.FlowOther, "02345678 - Your verification code for My Test application", []string{"To continue to"}},
		{"ja-jp", event.FlowSignUp, "02345678 - My Test application の新規登録用確認コード", []string{"登録画面", "30 分"}},
		{"ja-jp", event.FlowSignIn, "02345678 - My Test application のサインイン用確認コード", []string{"サインイン画面"}},
		{"ja-jp", event.FlowPasswordReset, "02345678 - My Test application のパスワード再設定用確認コード", []string{"パスワード"}},
		{"ja-jp", event.FlowOther, "02345678 - My Test application の確認コード", []string{"お手続き"}},
	}
	for _, c := range cases {
		t.Run(c.locale+" "+c.flow.String(), func(t *testing.T) {
			t.Parallel()
			m := compose(t, settings(), func(e *event.Event) { e.Locale, e.Flow = c.locale, c.flow })
			if m.Subject != c.subject {
				t.Errorf("subject is %q, want %q", m.Subject, c.subject)
			}
			for _, want := range c.text {
				if !strings.Contains(m.Text, want) || !strings.Contains(visibleText(t, m.HTML), want) {
					t.Errorf("%q is not in both parts", want)
				}
			}
		})
	}
}

// visibleText is the text nodes of a document, one a line.
func visibleText(t *testing.T, document string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for node := range root.Descendants() {
		if node.Type == html.TextNode && node.Parent.Data != "style" {
			lines = append(lines, strings.TrimSpace(node.Data))
		}
	}
	return strings.Join(lines, "\n")
}

func TestCodeIsOneRunOfDigitsOnItsOwn(t *testing.T) {
	t.Parallel()
	m := compose(t, settings(), nil)
	if !strings.Contains(m.Text, "\n02345678\n") {
		t.Errorf("the code has no line of its own:\n%s", m.Text)
	}
	if !strings.Contains("\n"+visibleText(t, m.HTML)+"\n", "\n02345678\n") {
		t.Error("the code has no text node of its own")
	}
	for _, part := range []string{m.Text, visibleText(t, m.HTML)} {
		for _, run := range strings.FieldsFunc(part, func(r rune) bool { return !unicode.IsDigit(r) }) {
			if run != "02345678" && len(run) >= 4 {
				t.Errorf("another number that autofill may take: %s", run)
			}
		}
	}
}

func TestHTMLIsAccessibleAndAlone(t *testing.T) {
	t.Parallel()
	m := compose(t, settings(), func(e *event.Event) { e.Locale = "ja" })
	root, err := html.Parse(strings.NewReader(m.HTML))
	if err != nil {
		t.Fatal(err)
	}
	for node := range root.Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		switch node.Data {
		case "html", "div":
			if role(node) != "" || node.Data == "html" {
				if attribute(node, "lang") != "ja" || attribute(node, "dir") != "ltr" {
					t.Errorf("<%s> has lang %q and dir %q", node.Data, attribute(node, "lang"), attribute(node, "dir"))
				}
			}
		case "table":
			if role(node) != "presentation" {
				t.Error("a layout table without role=presentation")
			}
		case "a", "img", "script", "link", "iframe", "form":
			t.Errorf("<%s> in a mail that must hold no link and load nothing", node.Data)
		}
	}
	if len(m.HTML) > 20<<10 {
		t.Errorf("%d bytes of HTML", len(m.HTML))
	}
}

func role(node *html.Node) string { return attribute(node, "role") }

func attribute(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func TestHostileApplicationNameBreaksOutOfNothing(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "A\r\nBcc: eve@evil.example", "evil.example/login", "https://evil.example", "evil。example", "evil．example", "evil｡example", "https：／／evil.example", "mail＠evil.example",
		"\u202egnp.exe", "a\u0000b", strings.Repeat("long ", 100), "{code}{code}", "{{.Code}}", "\xff\xfe", "mail@evil.example",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := compose(t, settings(), func(e *event.Event) { e.Client.AppDisplayName = name })
			if strings.ContainsFunc(m.Subject, func(r rune) bool { return unicode.IsControl(r) || r >= 0x202a && r <= 0x202e }) {
				t.Errorf("controls in the subject %q", m.Subject)
			}
			if n := strings.Count(m.Subject, "02345678"); n != 1 {
				t.Errorf("the code stands %d times in %q", n, m.Subject)
			}
			if len([]rune(m.Subject)) > 200 {
				t.Errorf("subject of %d characters", len([]rune(m.Subject)))
			}
			root, err := html.Parse(strings.NewReader(m.HTML))
			if err != nil {
				t.Fatal(err)
			}
			for node := range root.Descendants() {
				if node.Data == "script" || node.Data == "img" {
					t.Errorf("the name became <%s>", node.Data)
				}
			}
			for _, part := range []string{m.Subject, m.Text, visibleText(t, m.HTML)} {
				for _, link := range []string{"evil.example", "evil。example", "evil．example", "evil｡example", "https:/", "https：", "mail@", "mail＠"} {
					if i := strings.Index(part, link); i >= 0 && !strings.HasPrefix(part[i+len(link):], "\u2060") {
						t.Errorf("a client can make a link of it: %q", part)
					}
				}
			}
		})
	}
}

// A name that is good stays as it is, full stops and colons before a blank too.
func TestGoodNamesStay(t *testing.T) {
	t.Parallel()
	composer := newComposer(t, settings())
	for given, want := range map[string]string{
		"Contoso Ltd. (EU): Shop": "Contoso Ltd. (EU): Shop", "  two\tblanks ": "two blanks", "株式会社コントソ": "株式会社コントソ", "فروشگاه": "فروشگاه",
		"Ünï – “quoted” & more…": "Ünï – “quoted” & more…", "soft\u00adhyphen\u200b": "softhyphen", strings.Repeat("会", 64): strings.Repeat("会", 64),
		strings.Repeat("会", 65): strings.Repeat("会", 63) + "…",
	} {
		e := sampleEvent()
		e.Client.AppDisplayName = given
		m, err := composer.Compose(e)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Variables["app"]; got != want {
			t.Errorf("%q becomes %q, want %q", given, got, want)
		}
	}
}

// Nothing promises digits: a code that no event decoder would let through is text in HTML all the same.
func TestHostileCodeIsText(t *testing.T) {
	t.Parallel()
	m := compose(t, settings(), func(e *event.Event) { e.Code = redact.NewSecret("<b>&") })
	if strings.Contains(m.HTML, "<b>") || !strings.Contains(m.HTML, ">&lt;b&gt;&amp;</span>") {
		t.Error("the code is markup")
	}
}

func TestTextPartIsNotEscaped(t *testing.T) {
	t.Parallel()
	m := compose(t, settings(), func(e *event.Event) { e.Client.AppDisplayName = "Tom & Jerry's" })
	if !strings.Contains(m.Text, "Tom & Jerry's") || !strings.Contains(m.Subject, "Tom & Jerry's") {
		t.Errorf("escaped as if it were HTML: %q", m.Text)
	}
	if !strings.Contains(visibleText(t, m.HTML), "Tom & Jerry's") {
		t.Error("the HTML shows another name")
	}
}

func TestNameOfTheApplicationFallsBack(t *testing.T) {
	t.Parallel()
	nameless := func(e *event.Event) { e.Client = event.ServicePrincipal{} }
	if got := compose(t, settings(), nameless).Subject; got != "02345678 - Your sign-up code for Contoso" {
		t.Errorf("without a name in the event: %q", got)
	}
	c := settings()
	c.From = "no-reply@contoso.example"
	if got := compose(t, c, nameless).Subject; !strings.Contains(strings.ReplaceAll(got, "\u2060", ""), "contoso.example") {
		t.Errorf("without any name: %q", got)
	}
}

func TestSettingsOfTheMail(t *testing.T) {
	t.Parallel()
	c := settings()
	c.CodeInSubject, c.Validity, c.ReplyTo = false, 0, "help@contoso.example"
	m := compose(t, c, nil)
	if strings.Contains(m.Subject, "02345678") {
		t.Errorf("the code is in the subject %q", m.Subject)
	}
	if strings.Contains(m.Text, "valid for") || strings.Contains(m.HTML, "valid for") {
		t.Error("the validity is told although it is 0")
	}
	if m.ReplyTo == nil || m.ReplyTo.Address != "help@contoso.example" {
		t.Errorf("reply address is %v", m.ReplyTo)
	}
	c = settings()
	c.Subject, c.Validity = "Your account verification code", time.Minute
	m = compose(t, c, nil)
	if m.Subject != "02345678 - Your account verification code" {
		t.Errorf("subject is %q", m.Subject)
	}
	if !strings.Contains(m.Text, "valid for 1 minute.") {
		t.Errorf("wrong plural:\n%s", m.Text)
	}
}

func TestVariablesForProviderHostedTemplates(t *testing.T) {
	t.Parallel()
	got := compose(t, settings(), nil).Variables
	for name, want := range map[string]string{
		"otp": "02345678", "email": "ann@example.com", "code": "Your code", "subject": "02345678 - Your sign-up code for My Test application",
		"signature": "My Test application", "codeIntro": "Your code", "message": "To create your account with My Test application, enter this code on the sign-up page:",
		"otpmessage": "To create your account with My Test application, enter this code on the sign-up page:", "otpcodeIntro": "Your code", "otpsignature": "My Test application", "flow": "sign-up", "locale": "en", "direction": "ltr",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	for name, value := range got {
		if value == "" {
			t.Errorf("%s is empty", name)
		}
	}
}

func TestIdentifierThatIsNoAddress(t *testing.T) {
	t.Parallel()
	_, err := newComposer(t, settings()).Compose(&event.Event{Identifier: redact.NewSecret("+4915112345678"), Code: redact.NewSecret("1")})
	if !errors.Is(err, message.ErrInvalidAddress) || strings.Contains(err.Error(), "4915") {
		t.Errorf("Compose gave %v, want ErrInvalidAddress and no quotation", err)
	}
}

func TestMessagePrintsNothing(t *testing.T) {
	t.Parallel()
	m := compose(t, settings(), nil)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if printed := fmt.Sprintf(verb, m); strings.Contains(printed, "02345678") || strings.Contains(printed, "ann@") {
			t.Errorf("%s shows %s", verb, printed)
		}
	}
}

func TestConfigTellsEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	bad := message.Config{From: "nobody", ReplyTo: "a@b.c, d@e.f", Subject: "a\nb", DefaultLocale: "tlh", Validity: 90 * time.Second}
	var got []string
	for _, p := range bad.Validate() {
		got = append(got, p.Setting)
		if p.Remedy == "" {
			t.Errorf("no remedy: %v", p)
		}
	}
	for name, c := range map[string]message.Config{
		"four digits of minutes": {From: "a@b.example", DefaultLocale: "en", Validity: 1000 * time.Minute},
		"negative":               {From: "a@b.example", DefaultLocale: "en", Validity: -time.Minute},
		"long subject":           {From: "a@b.example", DefaultLocale: "en", Subject: strings.Repeat("x", 201)},
		"subject turned round":   {From: "a@b.example", DefaultLocale: "en", Subject: "a\u202eb"},
		"sender turned round":    {From: "\"a\u202eb\" <a@b.example>", DefaultLocale: "en"},
		"country for a language": {From: "a@b.example", DefaultLocale: "und-de"},
	} {
		if problems := c.Validate(); len(problems) != 1 {
			t.Errorf("%s: %v", name, problems)
		}
	}
	if problems := (message.Config{From: "a@b.example", DefaultLocale: "en", Validity: 999 * time.Minute, Subject: strings.Repeat("x", 200)}).Validate(); len(problems) > 0 {
		t.Errorf("the most that is allowed: %v", problems)
	}
	want := "MAIL_FROM MAIL_REPLY_TO MAIL_SUBJECT OTP_VALIDITY MAIL_DEFAULT_LOCALE"
	if strings.Join(got, " ") != want {
		t.Errorf("problems with %v, want %s", got, want)
	}
	if problems := (message.Config{DefaultLocale: "en"}).Validate(); len(problems) != 1 || problems[0].What != "not set" {
		t.Errorf("an empty sender: %v", problems)
	}
	if problems := (message.Config{From: "ünïcode@contoso.example", DefaultLocale: "en"}).Validate(); len(problems) != 1 {
		t.Errorf("a sender beyond ASCII: %v", problems)
	}
}

func BenchmarkCompose(b *testing.B) {
	composer := newComposer(b, settings())
	e := &event.Event{Identifier: redact.NewSecret("ann@example.com"), Code: redact.NewSecret("02345678"), Locale: "ja-jp", Client: event.ServicePrincipal{AppDisplayName: "Contoso"}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := composer.Compose(e); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPrepare is what the start pays for having checked everything.
func BenchmarkPrepare(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		newComposer(b, settings())
	}
}
