package b2c_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/language"

	"byoe/b2c"
)

func load(t *testing.T, defaultLocale string) *b2c.Messages {
	t.Helper()
	m, err := b2c.LoadMessages(defaultLocale)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func kinds() []b2c.UserMessage {
	return []b2c.UserMessage{b2c.AddressUnusable, b2c.TooManyCodes, b2c.NotSent}
}

// Whoever gets a mail in their language reads in it too why there is none.
func TestEveryLanguageOfTheMailsHasEveryMessage(t *testing.T) {
	t.Parallel()
	m := load(t, "en")
	mails, err := filepath.Glob("../message/catalogues/*.json")
	if err != nil || len(mails) < 40 {
		t.Fatalf("%d catalogues, %v", len(mails), err)
	}
	said := map[string]string{}
	for _, mail := range mails {
		tag := strings.TrimSuffix(filepath.Base(mail), ".json")
		if _, err := os.Stat(filepath.Join("messages", tag+".json")); err != nil {
			t.Errorf("%s: %v", tag, err)
		}
		for _, kind := range kinds() {
			text := m.Text(tag, kind)
			if other, taken := said[text]; taken {
				t.Errorf("%s says in %s what it says in %s: %s", tag, tag, other, text)
			}
			said[text] = tag
			checkText(t, tag, text)
		}
	}
	ours, _ := filepath.Glob("messages/*.json")
	if len(ours) != len(mails) {
		t.Errorf("%d languages of messages, %d of mails", len(ours), len(mails))
	}
}

// checkText: one line in the language's own letters, with a full stop, and without anything of ours in it.
func checkText(t *testing.T, tag, text string) {
	t.Helper()
	script, _ := language.MustParse(tag).Script()
	tables := map[string]*unicode.RangeTable{
		"Latn": unicode.Latin, "Cyrl": unicode.Cyrillic, "Grek": unicode.Greek, "Arab": unicode.Arabic, "Hebr": unicode.Hebrew,
		"Thai": unicode.Thai, "Hans": unicode.Han, "Hant": unicode.Han, "Jpan": unicode.Hiragana, "Kore": unicode.Hangul,
	}
	table, known := tables[script.String()]
	if !known || !strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(table, r) }) {
		t.Errorf("%s is not in %s: %s", tag, script, text)
	}
	if strings.ContainsFunc(text, unicode.IsControl) || strings.TrimSpace(text) != text || strings.ContainsAny(text, "{}<>") {
		t.Errorf("%s is not one plain line: %q", tag, text)
	}
	if end := strings.TrimRight(text, ".。"); end == text && tag != "th" { // Thai ends a sentence with nothing
		t.Errorf("%s: no full stop in %s", tag, text)
	}
}

func TestLanguageIsThatOfTheMail(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ fallback, wanted, like string }{
		{"en", "de-AT", "de"},
		{"en", "pt-BR", "pt-BR"},
		{"en", "pt", "pt-BR"},
		{"en", "fa-IR", "en"}, // and not Arabic
		{"ja", "fa-IR", "ja"},
		{"ja", "", "ja"},
		{"en", "no", "nb"},
		{"en", "zh-TW", "zh-Hant"},
		{"en", "zh-HK", "zh-Hant-HK"},
		{"fo", "xx", "en"}, // the owner's mails are in Faroese, and nobody wrote messages
	} {
		if got, want := load(t, tt.fallback).Text(tt.wanted, b2c.NotSent), load(t, "en").Text(tt.like, b2c.NotSent); got != want {
			t.Errorf("%q with the default %s is told %q, want %q", tt.wanted, tt.fallback, got, want)
		}
	}
}

func TestKindsAreToldApart(t *testing.T) {
	t.Parallel()
	m := load(t, "en")
	for kind, want := range map[b2c.UserMessage]string{
		b2c.AddressUnusable: "We cannot send a code to this email address. Please check it, or use another one.",
		b2c.TooManyCodes:    "Too many codes have been requested. Please wait a few minutes and try again.",
		b2c.NotSent:         "The code could not be sent just now. Please try again.",
		0:                   "The code could not be sent just now. Please try again.",
	} {
		if got := m.Text("en", kind); got != want {
			t.Errorf("%d is %q, want %q", kind, got, want)
		}
	}
}
