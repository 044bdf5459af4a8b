package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"byoe/event"
	"byoe/internal/require"
	"byoe/message"
	"byoe/providers"
	"byoe/providers/mime"
	"byoe/redact"
)

// parsedMail is what providers/mime/testdata/parse.mjs prints of one mail.
type parsedMail struct {
	Subject, Text, HTML, To, FromName, FromAddress string
	FromCount, Attachments                         int
	Fields                                         []string
}

// Whatever names come out of the event and the brand file, a parser that we did not write finds in the finished mail exactly
// what was composed: one sender, one recipient, the fields that are always there, both parts to the letter.
func TestAnotherParserFindsWhatWasMeant(t *testing.T) {
	t.Parallel()
	modules := os.Getenv("BYOE_NODE_MODULES")
	require.Component(t, "mailparser", func() error {
		if _, err := os.Stat(filepath.Join(modules, "mailparser")); modules == "" || err != nil {
			return errors.New("BYOE_NODE_MODULES does not name a folder with mailparser@3.9.31")
		}
		_, err := exec.LookPath("node")
		return err
	})
	var sent []providers.Submission
	var input bytes.Buffer
	for i, name := range []string{
		"Contoso", "A\r\nBcc: eve@evil.example", "A\r\n\r\n<script>", "=?utf-8?q?=0D=0ABcc:_eve=40evil.example?=", `"quoted" <eve@evil.example>`, "a, b; c: d",
		"\u202egnp.exe", "Ünïcödé 会社 שלום", strings.Repeat("会社", 60), "--byoe_boundary", "a\x00b", "\u2028.\u2029.", ".", "From me", "=3D=20=", "a=\r\n b", "<!--",
		"Tom & Jerry's", "\xff\xfe", "{{.Code}}", "100% =?", "a\tb", "\ue000\ue001",
	} {
		for _, locale := range []string{"en", "ar", "ja", "ru"} {
			s := submissionOf(t, i, name, locale)
			sent = append(sent, s)
			finished, err := mime.Compose(s)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = fmt.Fprintln(&input, base64.StdEncoding.EncodeToString(finished.Content)) // a buffer takes everything
		}
	}
	node := exec.CommandContext(t.Context(), "node", "providers/mime/testdata/parse.mjs")
	node.Stdin, node.Stderr = &input, os.Stderr
	output, err := node.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(output), []byte("\n"))
	if len(lines) != len(sent) {
		t.Fatalf("%d answers for %d mails", len(lines), len(sent))
	}
	for i, line := range lines {
		var got parsedMail
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatal(err)
		}
		compareParsed(t, sent[i], got)
	}
}

// submissionOf is a mail of an application with the name, by a brand whose own words hold it too where a brand may say it.
func submissionOf(t *testing.T, n int, name, locale string) providers.Submission {
	t.Helper()
	c := message.Config{From: "Contoso <no-reply@contoso.example>", DefaultLocale: "en", Validity: 30 * time.Minute, CodeInSubject: true, BrandsFile: filepath.Join(t.TempDir(), "brands.json")}
	raw, err := json.Marshal(map[string]any{"default": map[string]string{"footer": name, "support": name}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.BrandsFile, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	composer, problems := message.NewComposer(c)
	if len(problems) > 0 { // the words are refused in a brand file; out of the event they have to be taken
		c.BrandsFile = ""
		if composer, problems = message.NewComposer(c); len(problems) > 0 {
			t.Fatal(problems)
		}
	}
	m, err := composer.Compose(&event.Event{
		Identifier: redact.NewSecret("ann@example.com"), Code: redact.NewSecret("02345678"), Locale: locale,
		Client: event.ServicePrincipal{AppDisplayName: name},
	})
	if err != nil {
		t.Fatal(err)
	}
	return providers.Submission{ID: fmt.Sprintf("01a20deb-b529-7082-b908-%012d", n), Began: time.Unix(1_700_000_000, 0), Message: m}
}

func compareParsed(t *testing.T, s providers.Submission, got parsedMail) {
	t.Helper()
	m := s.Message
	if got.Subject != m.Subject || got.FromAddress != "no-reply@contoso.example" || got.FromName != "Contoso" || got.FromCount != 1 || got.To != "ann@example.com" || got.Attachments != 0 {
		t.Errorf("%q: subject %q, from %d %q <%s>, to %q, %d attachments", m.Subject, got.Subject, got.FromCount, got.FromName, got.FromAddress, got.To, got.Attachments)
	}
	if trimmed(got.Text) != trimmed(m.Text) || trimmed(got.HTML) != trimmed(m.HTML) {
		t.Errorf("%q: the parts differ:\n%q\n%q", m.Subject, got.Text, m.Text)
	}
	want := []string{"auto-submitted", "content-language", "content-type", "date", "from", "message-id", "mime-version", "subject", "to", "x-auto-response-suppress", "x-entity-ref-id"}
	slices.Sort(got.Fields)
	if !slices.Equal(got.Fields, want) {
		t.Errorf("%q: fields are %v, want %v", m.Subject, got.Fields, want)
	}
}

// trimmed leaves out the line breaks at the end, of which a parser may make more or less.
func trimmed(text string) string {
	return strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
}
