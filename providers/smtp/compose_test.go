package smtp_test

import (
	"encoding/base64"
	"net/mail"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"byoe/message"
	"byoe/providers"
	"byoe/providers/providertest"
)

// wire returns a mail as the server got it.
func wire(t *testing.T, s providers.Submission) string {
	t.Helper()
	p := newPeer(t, nil, false)
	if _, err := connect(t, testConfig(t, p.address)).Send(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	raw := p.Raw()
	if len(raw) != 1 {
		t.Fatalf("%d mails, want 1", len(raw))
	}
	return raw[0]
}

func TestHeaderFields(t *testing.T) {
	t.Parallel()
	s := providertest.Submission(1)
	parsed, err := mail.ReadMessage(strings.NewReader(wire(t, s)))
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
	for i, line := range strings.Split(wire(t, s), "\r\n") {
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
		" =?utf-8?q?=0D=0ABcc:_x?=",
	} {
		s := providertest.Submission(1)
		s.Message.Subject = code + text
		raw := wire(t, s)
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
		if decoded, err := decode(raw); err != nil || decoded.Subject != s.Message.Subject {
			t.Errorf("the subject decodes to %q, %v; want %q", decoded.Subject, err, s.Message.Subject)
		}
	}
}

// A sender address that could carry an ESMTP parameter or a second command is never put into MAIL FROM.
func TestSenderAddress(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"a@b.example> SIZE=1", "a@b.example\r\nRCPT TO:<evil@example.org>", `"a b"@b.example`, "nobody", "ü@b.example", "",
	} {
		server := startScript(t, nil)
		s := providertest.Submission(1)
		s.Message.From.Address = address
		_, err := connect(t, testConfig(t, server.address)).Send(t.Context(), s)
		expectFailure(t, err, providers.KindConfig, "sender address")
		if server.told("MAIL") {
			t.Errorf("%q: the server was told %q", address, server.log())
		}
	}
}

func TestSMTPUTF8(t *testing.T) {
	t.Parallel()
	const offering, without = "250-script.test\r\n250-SMTPUTF8\r\n250 AUTH PLAIN", "250-script.test\r\n250 AUTH PLAIN"
	tests := []struct {
		name, to, ehlo string
		parameter      bool
		code           string
	}{
		{"ASCII", "person@example.org", offering, false, ""},
		{"ASCII and a domain beyond it", "person@bücher.example", offering, false, ""},
		{"needed and offered", "用户@example.org", offering, true, ""},
		{"needed and not offered", "用户@example.org", without, false, "smtputf8 not offered"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := startScript(t, script{"EHLO": tt.ehlo})
			to, err := message.ParseAddress(tt.to)
			if err != nil {
				t.Fatal(err)
			}
			s := providertest.Submission(1)
			s.Message.To = to
			_, err = connect(t, testConfig(t, server.address)).Send(t.Context(), s)
			if tt.code != "" {
				expectFailure(t, err, providers.KindRefused, tt.code)
				if server.told("MAIL") {
					t.Error("the mail was begun")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(strings.Join(server.log(), "\n"), " SMTPUTF8"); got != tt.parameter {
				t.Errorf("SMTPUTF8 in MAIL FROM: %v, want %v", got, tt.parameter)
			}
		})
	}
}

func TestReceipt(t *testing.T) {
	t.Parallel()
	fallback := providertest.Submission(1).ID + "@contoso.example"
	code := providertest.Code(1)
	const sesID = "0102018f0a1b2c3d-01234567-89ab-cdef-0123-456789abcdef-000000"
	for reply, want := range map[string]string{
		"250 2.0.0 Ok: queued as 4Fx2Yz1abc":                 "4Fx2Yz1abc",
		"250 Ok: queued as Q_-abcDEF.":                       "Q_-abcDEF",
		"250 OK id=1rXyz0-0001Ab-2C":                         "1rXyz0-0001Ab-2C",
		"250 Ok " + sesID:                                    sesID,
		"250 2.0.0 Ok " + sesID:                              sesID,
		"250-2.0.0 Ok: queued as AAA111\r\n250 2.0.0 thanks": "AAA111",
		"250 2.0.0 OK  1700000000 abc-xyz - gsmtp":           fallback,
		"250 Great success":                                  fallback,
		"250 ok":                                             fallback,
		"250 queued as":                                      fallback,
		"250 queued as <script>":                             fallback,
		"250 queued as person-000001@example.org":            fallback,
		"250 queued as " + code:                              fallback,
		"250 queued as " + strings.Repeat("A", 129):          fallback,
		"250 Mail queued for delivery":                       fallback,
	} {
		t.Run(reply, func(t *testing.T) {
			t.Parallel()
			server := startScript(t, script{".": reply})
			receipt, err := connect(t, testConfig(t, server.address)).Send(t.Context(), providertest.Submission(1))
			if err != nil || receipt.MessageID != want {
				t.Errorf("MessageID is %q, %v; want %q", receipt.MessageID, err, want)
			}
		})
	}
}
