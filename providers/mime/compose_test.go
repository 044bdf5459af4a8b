package mime_test

import (
	"encoding/base64"
	"net/mail"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"byoe/providers"
	"byoe/providers/mime"
	"byoe/providers/providertest"
)

func compose(t *testing.T, s providers.Submission) string {
	t.Helper()
	m, err := mime.Compose(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(m.Content)
}

func TestHeaderFields(t *testing.T) {
	t.Parallel()
	s := providertest.Submission(1)
	parsed, err := mail.ReadMessage(strings.NewReader(compose(t, s)))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Message-ID":      "<" + s.ID + "@contoso.example>",
		"To":              "<" + providertest.Recipient(1) + ">",
		"MIME-Version":    "1.0",
		"X-Entity-Ref-ID": s.ID,
		"Auto-Submitted":  "auto-generated",
		"User-Agent":      "",
		"X-Mailer":        "",
	} {
		if got := parsed.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	date, err := parsed.Header.Date()
	if err != nil || time.Since(date) > time.Minute || time.Until(date) > time.Second {
		t.Errorf("Date is %v, %v", date, err)
	}
}

// RFC 5322, section 2.1.1: at most 78 characters in a line, beyond the 998 a server may refuse the mail.
func TestLines(t *testing.T) {
	t.Parallel()
	s := providertest.Submission(1)
	s.Message.From.Name = strings.Repeat("確認コード", 20)
	s.Message.Subject = providertest.Code(1) + " " + strings.Repeat("確認コードです。", 20)
	s.Message.Text = strings.Repeat("確認コード ", 500)
	s.Message.HTML = "<p>" + strings.Repeat("x", 5000) + "</p>"
	for i, line := range strings.Split(compose(t, s), "\r\n") {
		if len(line) > 78 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("line %d has %d octets or a bare line end: %q", i, len(line), line)
		}
		if strings.HasPrefix(line, "Subject:") && len(line) < len("Subject: =?") {
			t.Error("the subject's first line is empty")
		}
	}
}

func TestCodeInSubjectIsNeverSplit(t *testing.T) {
	t.Parallel()
	code := providertest.Code(1)
	for _, text := range []string{
		" is your code",
		" is your code " + strings.Repeat("and this is a long subject ", 10) + ".",
		" ist Ihr Überprüfungscode",
		"は確認コードです。" + strings.Repeat("この番号を入力してください。", 10),
		" رمز التحقق الخاص بك " + strings.Repeat("لإكمال إنشاء الحساب ", 10) + ".",
		" - " + strings.Repeat("会", 64) + "の新規登録用確認コード",
		" - رمز إنشاء حسابك في " + strings.Repeat("متجر ", 12) + "متجر",
		" - " + strings.Repeat("\U0001F600", 64), // four octets each
		" - Your code for Contoso\u2060.\u2060example",
		" =?utf-8?q?=0D=0ABcc:_x?=",
	} {
		s := providertest.Submission(1)
		s.Message.Subject = code + text
		raw := compose(t, s)
		first := regexp.MustCompile(`(?m)^Subject: (\S+)`).FindStringSubmatch(raw)
		if first == nil {
			t.Errorf("no subject in %q", raw)
			continue
		}
		word := first[1]
		if encoded, ok := strings.CutPrefix(word, "=?UTF-8?B?"); ok {
			decoded, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(encoded, "?="))
			if err != nil {
				t.Errorf("%q: %v", word, err)
			}
			word = string(decoded)
		}
		if !strings.HasPrefix(word, code) {
			t.Errorf("the subject's first word is %q, want it to begin with the whole code", word)
		}
		for _, encoded := range regexp.MustCompile(`=\?UTF-8\?B\?([^?]*)\?=`).FindAllStringSubmatch(raw, -1) {
			// RFC 2047, section 5: a character is never spread over two words.
			if text, err := base64.StdEncoding.DecodeString(encoded[1]); err != nil || !utf8.Valid(text) {
				t.Errorf("the word %q is not whole: %q, %v", encoded[0], text, err)
			}
		}
		if decoded, err := providertest.DecodeMIME(raw); err != nil || decoded.Subject != s.Message.Subject {
			t.Errorf("the subject decodes to %q, %v; want %q", decoded.Subject, err, s.Message.Subject)
		}
	}
}
