package mime_test

import (
	"bytes"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"byoe/providers"
	"byoe/providers/mime"
	"byoe/providers/providertest"
)

// Whatever the texts are, who reads the mail with another library finds them, and no header field beside ours.
func FuzzCompose(f *testing.F) {
	f.Add("s", `会社\`, "t", "h")
	for _, text := range []string{
		"02345678 - your code", "a\r\nBcc: eve@evil.example\r\n\r\nx", "確認コード " + strings.Repeat("会", 80), ".\r\n..\r\n.", "=?utf-8?q?=0D=0ABcc:_x?=",
		"--byoe_01a20deb-b529-7082-b908-000000000001--", "From x", "a\rb\nc", " \t ", "\u2028\u202e\u0000", "=3D=\r\n", strings.Repeat("x", 1200),
	} {
		f.Add(text, text, text, text)
	}
	f.Fuzz(func(t *testing.T, subject, name, text, html string) {
		// Templates end their lines with LF. Go's quoted-printable writer loses one that follows a CR with a control character between.
		text, html = strings.ReplaceAll(text, "\r", ""), strings.ReplaceAll(html, "\r", "")
		name = name[:min(len(name), 256)] // it is a brand's or the owner's own
		s := providertest.Submission(1)
		s.Message.Subject, s.Message.From.Name, s.Message.Text, s.Message.HTML = subject, name, text, html
		finished, err := mime.Compose(s)
		if err != nil {
			t.Fatal(err)
		}
		checkWire(t, finished.Content)
		if !utf8.ValidString(subject + name + text + html) {
			return // it is sent somehow; what is read of it, nobody can say
		}
		got, err := providertest.DecodeMIME(string(finished.Content))
		if err != nil {
			t.Fatalf("%v\n%s", err, finished.Content)
		}
		if want := providers.HeaderText(subject); oneLine(got.Subject) != oneLine(want) {
			t.Errorf("the subject is %q, want %q", got.Subject, want)
		}
		if lines(got.Text) != lines(text) || lines(got.HTML) != lines(html) {
			t.Errorf("the parts are %q and %q, want %q and %q", got.Text, got.HTML, text, html)
		}
		if got.From.Address != s.Message.From.Address {
			t.Errorf("the sender is %q", got.From.Address)
		}
	})
}

// checkWire wants lines that every server takes (RFC 5321, section 4.5.3.1.6), ASCII alone, and the fields that are always
// there, once each.
func checkWire(t *testing.T, content []byte) {
	t.Helper()
	for line := range bytes.SplitSeq(content, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n\x00") || bytes.ContainsFunc(line, func(r rune) bool { return r > '~' }) {
			t.Errorf("the line %q goes out", line)
		}
	}
	m, err := mail.ReadMessage(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for name, values := range m.Header {
		names = append(names, name)
		if len(values) != 1 {
			t.Errorf("%s is there %d times", name, len(values))
		}
	}
	slices.Sort(names)
	want := []string{
		"Auto-Submitted", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Reply-To", "Subject", "To",
		"X-Auto-Response-Suppress", "X-Entity-Ref-Id",
	}
	if !slices.Equal(names, want) {
		t.Errorf("the fields are %v, want %v", names, want)
	}
}

// oneLine leaves out the blanks at which a header may be folded and at its ends, which mean nothing there.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// lines leaves out what a mail cannot keep: how its lines end, and how many empty ones are at its end.
func lines(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.TrimRight(text, "\n")
}
