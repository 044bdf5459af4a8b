package providers_test

import (
	"net/mail"
	"strings"
	"testing"

	"byoe/providers"
)

func TestMessageID(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"14c5d75ce93.dfd.64b469.filter0001_-": "14c5d75ce93.dfd.64b469.filter0001_-",
		strings.Repeat("a", 128):              strings.Repeat("a", 128),
		strings.Repeat("a", 129):              "",
		"a b":                                 "",
		"a@b":                                 "",
		"a\r\nb":                              "",
		"ü":                                   "",
		"":                                    "",
	} {
		if got := providers.MessageID(id); got != want {
			t.Errorf("%q: got %q, want %q", id, got, want)
		}
	}
}

func TestHeaderText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Contoso Größe 確認":             "Contoso Größe 確認",
		"a\r\nBcc: b":                  "a  Bcc: b",
		"a\x00b\x7fc\u0085d\u2028e\tf": "a b c d e f",
	} {
		if got := providers.HeaderText(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestTagValue(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"":                       "",
		"aZ09_-":                 "aZ09_-",
		"a.b:c@d e/ü":            "a-b-c-d-e--",
		strings.Repeat("x", 300): strings.Repeat("x", 256),
	} {
		if got := providers.TagValue(value); got != want {
			t.Errorf("%q becomes %q, want %q", value, got, want)
		}
	}
}

func TestMailbox(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"":                  "a@b.example",
		"Contoso":           `"Contoso" <a@b.example>`,
		`C "the" \ Ltd., 確`: `"C \"the\" \\ Ltd., 確" <a@b.example>`,
		"x\r\nBcc: y":       `"x  Bcc: y" <a@b.example>`,
	} {
		if got := providers.Mailbox(mail.Address{Name: name, Address: "a@b.example"}); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}
