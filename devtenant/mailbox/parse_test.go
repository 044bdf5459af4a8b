package mailbox_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"byoe/devtenant/mailbox"
)

// arrive sends a mail and returns what the mailbox made of it.
func arrive(t *testing.T, raw string) mailbox.Mail {
	t.Helper()
	box := open(t)
	send(t, box, raw)
	mail, err := box.Wait(t.Context(), any1)
	if err != nil {
		t.Fatal(err)
	}
	return mail
}

const japanese = `From: =?utf-8?q?=E3=82=B3=E3=83=B3=E3=83=88=E3=82=BD?= <no-reply@example.com>
To: someone@example.com
Subject: =?utf-8?b?MTc0NzkxMzIg44Gv44GC44Gq44Gf44Gu56K66KqN44Kz44O844OJ?=
 =?utf-8?b?44Gn44GZ?=
Content-Language: ja
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="b1"

a preamble that nobody reads
--b1
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

56K66KqN44Kz44O844OJOiAxNzQ3OTEzMgo=
--b1
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

<p lang=3D"ja">=E7=A2=BA=E8=AA=8D=E3=82=B3=E3=83=BC=E3=83=89: =
<strong>17479132</strong></p>
--b1--
`

func TestAnAlternativeInJapanese(t *testing.T) {
	t.Parallel()
	mail := arrive(t, japanese)

	type reading struct{ From, Subject, Code, Text, HTML, Language, Problem string }
	got := reading{mail.From, mail.Subject, mail.Code, mail.Text, mail.HTML, mail.Header("content-language"), mail.Problem}
	want := reading{
		From:     "コントソ <no-reply@example.com>",
		Subject:  "17479132 はあなたの確認コードです",
		Code:     "17479132",
		Text:     "確認コード: 17479132\n",
		HTML:     "<p lang=\"ja\">確認コード: <strong>17479132</strong></p>",
		Language: "ja",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if mail.Raw != crlf(japanese) {
		t.Error("the raw mail is not what was sent")
	}
	names := make([]string, 0, len(mail.Headers))
	for _, field := range mail.Headers {
		names = append(names, field.Name)
	}
	if got, want := strings.Join(names, " "), "From To Subject Content-Language MIME-Version Content-Type"; got != want {
		t.Errorf("headers %q, want %q in the mail's order", got, want)
	}
}

func TestParsing(t *testing.T) {
	t.Parallel()
	nested := "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/alternative; boundary=i\n\n" +
		"--i\n\nplain\n--i\nContent-Type: text/html\n\n<p>html</p>\n--i--\n--o\nContent-Type: text/plain\n" +
		"Content-Disposition: attachment; filename=a.txt\n\nattached\n--o--\n"
	cases := []struct {
		name, raw                                string
		from, subject, text, html, code, problem string
	}{
		{
			name: "a plain mail", raw: "From: a@example.com\nSubject: hello\n\nYour code is 123456.\n",
			from: "a@example.com", subject: "hello", text: "Your code is 123456.\n", code: "123456",
		},
		{name: "no header", raw: "\njust text\n", text: "just text\n"},
		{name: "a header without a body", raw: "Subject: alone\n", subject: "alone"},
		{name: "a folded subject", raw: "Subject: one\n two\n\tthree\n\nx\n", subject: "one two three", text: "x\n"},
		{name: "a line that is no field", raw: "what is this\nSubject: s\n\nx\n", subject: "s", text: "x\n"},
		{name: "continuation before any field", raw: " stray\nSubject: s\n\nx\n", subject: "s", text: "x\n"},
		{name: "parts inside of parts, an attachment beside them", raw: nested, text: "plain", html: "<p>html</p>"},
		{
			name: "an attached text before the text",
			raw: "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Disposition: ATTACHMENT; filename=a.txt\n\nattached\n" +
				"--b\n\nplain\n--b--\n",
			text: "plain",
		},
		{
			name: "two of each: the first is shown",
			raw: "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b\nContent-Type: text/html\n\n<p>1</p>\n" +
				"--b\nContent-Type: text/html\n\n<p>2</p>\n--b--\n",
			text: "one", html: "<p>1</p>",
		},
		{
			name: "HTML alone", raw: "Content-Type: TEXT/HTML; charset=UTF-8\n\n<p>1234</p>\n", html: "<p>1234</p>\n",
		},
		{
			name: "a sender who is no address", raw: "From: =?utf-8?q?Bj=C3=B6rn?=\n\nx\n", from: "Björn", text: "x\n",
		},
		{
			name: "a comma inside of the sender's encoded name",
			raw:  "From: =?utf-8?q?Contoso=2C_Inc=2E?= <a@example.com>\n\nx\n", from: "Contoso, Inc. <a@example.com>", text: "x\n",
		},
		{
			name: "Latin-1", raw: "Content-Type: text/plain; charset=ISO-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n=E9t=E9\n",
			text: "été\n",
		},
		{
			name: "a character set that is not known", raw: "Subject: =?klingon?q?x?=\nContent-Type: text/plain; charset=klingon\n\nab\n",
			subject: "=?klingon?q?x?=", text: "ab\n", problem: "a part is in a character set that this mailbox does not know",
		},
		{
			name: "octets that are no UTF-8", raw: "Subject: a\xffb\n\nc\xffd\n", subject: "a\uFFFDb", text: "c\uFFFDd\n",
		},
		{
			name: "a Content-Type that cannot be read", raw: "Content-Type: ;;;\n\nx\n", problem: "a Content-Type cannot be read",
		},
		{
			name: "a body that does not decode", raw: "Content-Transfer-Encoding: base64\n\n!!!\n",
			problem: "a part is cut off or does not decode as its Content-Transfer-Encoding says",
		},
		{
			name: "a boundary that never comes", raw: "Content-Type: multipart/alternative; boundary=b\n\nx\n",
			problem: "a multipart body does not end with its boundary",
		},
		{
			name: "the last boundary is missing", raw: "Content-Type: multipart/alternative; boundary=b\n\n--b\n\ntext\n",
			text: "text", problem: "a part is cut off or does not decode as its Content-Transfer-Encoding says",
		},
		{
			name: "parts nested too deeply", raw: "Content-Type: multipart/mixed; boundary=b0\n\n" + nest(11),
			problem: "its parts are nested too deeply",
		},
		{
			name: "too many parts",
			raw: "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\nContent-Type: image/png\n\nx\n", 200) +
				"--b--\n",
			problem: "it has too many parts",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			mail := arrive(t, c.raw)
			got := []string{mail.From, mail.Subject, mail.Text, mail.HTML, mail.Code, mail.Problem}
			want := []string{c.from, c.subject, c.text, c.html, c.code, c.problem}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// nest returns that many multiparts, each inside of the one before.
func nest(depth int) string {
	text := ""
	for i := range depth {
		text += fmt.Sprintf("--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n", i, i+1)
	}
	return text
}

func TestCodes(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, subject, text, want string }{
		{"in the subject", "12345678 is your code", "11112222", "12345678"},
		{"in the text", "Your code", "It is 4711.", "4711"},
		{"leading zeros stay", "Code 00001234", "", "00001234"},
		{"three digits are none", "Room 123", "", ""},
		{"nine digits are none", "Call 123456789", "", ""},
		{"after a longer run", "123456789 or 123456", "", "123456"},
		{"at the very end", "code:87654321", "", "87654321"},
		{"none", "hello", "world", ""},
		{"other scripts' digits are none", "١٢٣٤٥٦٧٨", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			subject := "=?utf-8?b?" + base64.StdEncoding.EncodeToString([]byte(c.subject)) + "?="
			got := arrive(t, "Subject: "+subject+"\n\n"+c.text+"\n").Code
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(japanese)
	f.Add(crlf(japanese))
	f.Add("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=b\n\n--b--")
	f.Add("Subject: =?utf-8?q?=\n\n")
	f.Add("\r\n\r\n")
	f.Fuzz(func(t *testing.T, raw string) {
		mail := mailbox.Parse(raw)
		for _, text := range []string{mail.From, mail.Subject, mail.Text, mail.HTML} {
			if !utf8.ValidString(text) {
				t.Errorf("not UTF-8: %q", text)
			}
		}
		if len(mail.Text)+len(mail.HTML) > 8*len(raw)+16 {
			t.Errorf("%d octets became %d", len(raw), len(mail.Text)+len(mail.HTML))
		}
	})
}
