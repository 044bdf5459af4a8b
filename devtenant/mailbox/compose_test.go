package mailbox_test

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"byoe/devtenant/mailbox"
)

// FuzzSendGridMail wants of every request that is taken that the mail reads as it was meant, and has no field that was not
// asked for.
func FuzzSendGridMail(f *testing.F) {
	f.Add("Contoso, \"Inc.\"", "12345678 は確認コードです", "X-Entity-Ref-ID", "5b2e7a10", "text\r\nmore", "<p>é</p>")
	f.Add("=?utf-8?q?x?=", " =?utf-8?b?eA==?= ", "Date", strings.Repeat("x ", 600), "\r", "=\n.\n")
	f.Add("a\x00b\tc", "a\r\nBcc: x@example.com", "X: y\r\nBcc", "v\nBcc: x", "--\n--b--", "trailing \n")
	f.Add("plain", "=?utf-8?q?x?=", "x-a", "=?utf-8?q?y?=", "t", "h")
	f.Add("  two  blanks ", "x"+strings.Repeat("語", 300), "MIME-Version", "", "\u2028\u0085", "\xff")
	var config net.ListenConfig
	listener, err := config.Listen(f.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	box := mailbox.Serve(listener)
	f.Cleanup(func() { _ = box.Close() })
	handler := box.SendGrid()

	f.Fuzz(func(t *testing.T, name, subject, headerName, headerValue, text, html string) {
		box.Clear()
		status, sent := postFuzzed(t, handler, map[string]any{
			"personalizations": []any{map[string]any{"to": []any{map[string]any{"email": "b@example.com", "name": name}}}},
			"from":             map[string]any{"email": "a@example.com", "name": name},
			"subject":          subject,
			"headers":          map[string]any{headerName: headerValue},
			"content":          []any{map[string]any{"type": "text/plain", "value": text}, map[string]any{"type": "text/html", "value": html}},
		})
		breaks := strings.ContainsAny(name+subject+headerName+headerValue, "\r\n")
		switch {
		case status == http.StatusBadRequest || status == http.StatusRequestEntityTooLarge:
			if isHarmless(name, subject, headerName, headerValue, text, html) {
				t.Fatalf("a harmless request is refused: %s", sent)
			}
			return
		case status != http.StatusAccepted || breaks:
			t.Fatalf("%d for %s", status, sent)
		}
		mail := box.Mails()[0]
		checkLines(t, mail.Raw)
		text, html, subject, name, headerValue = asSent(text), asSent(html), valid(subject), valid(name), valid(headerValue)
		from := "a@example.com"
		if name != "" {
			from = name + " <a@example.com>"
		}
		if mail.Text != text || mail.HTML != html || mail.Subject != subject || mail.From != from || mail.Problem != "" {
			t.Errorf("meant %q %q %q %q, got %q %q %q %q (%s)", text, html, subject, from, mail.Text, mail.HTML, mail.Subject, mail.From, mail.Problem)
		}
		if got := mail.Header(headerName); got != headerValue {
			t.Errorf("the field %q is %q, want %q", headerName, got, headerValue)
		}
		for _, field := range mail.Headers {
			usual := []string{"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", headerName}
			if !strings.Contains("\x00"+strings.Join(usual, "\x00")+"\x00", "\x00"+field.Name+"\x00") {
				t.Errorf("a field %q, which nobody asked for: %q", field.Name, field.Value)
			}
		}
		if len(mail.Headers) > 8 {
			t.Errorf("%d fields", len(mail.Headers))
		}
	})
}

// FuzzSendGridRequest wants an answer to everything, and a mail without a problem for whatever is taken.
func FuzzSendGridRequest(f *testing.F) {
	f.Add(simple)
	f.Add(`{"template_id":"d-1","personalizations":[{"to":[{"email":"a@b.example"}],"dynamic_template_data":{"a":[{"b":null}]}}],"from":{"email":"a@b.example"}}`)
	f.Add(`{"personalizations":[{"to":[{"email":"a@[127.0.0.1]"}],"headers":{"X":"y"},"custom_args":{"a":"b"}}],"headers":{"x":"z"}}`)
	var config net.ListenConfig
	listener, err := config.Listen(f.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	box := mailbox.Serve(listener)
	f.Cleanup(func() { _ = box.Close() })
	handler := box.SendGrid()

	f.Fuzz(func(t *testing.T, body string) {
		box.Clear()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v3/mail/send", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer x")
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, r)
		switch recorder.Code {
		case http.StatusOK:
		case http.StatusAccepted:
			for _, mail := range box.Mails() {
				checkLines(t, mail.Raw)
				if mail.Problem != "" || mail.Subject == "" || len(mail.To) == 0 || mail.Header("Bcc") != "" {
					t.Errorf("%q became %+v", body, mail)
				}
			}
		case http.StatusBadRequest, http.StatusRequestEntityTooLarge:
			fields(t, recorder.Body.String())
		default:
			t.Errorf("%d for %q", recorder.Code, body)
		}
	})
}

func postFuzzed(t *testing.T, handler http.Handler, message map[string]any) (status int, sent string) {
	t.Helper()
	body, err := json.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v3/mail/send", strings.NewReader(string(body)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer x")
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, r)
	return recorder.Code, string(body)
}

// isHarmless knows requests that there is no reason to refuse.
func isHarmless(name, subject, headerName, headerValue, text, html string) bool {
	plainName := headerName != "" && strings.Trim(headerName, "abcdefghijklmnopqrstuvwxyz-") == "" && !strings.HasPrefix(headerName, "x-sg")
	reserved := " to from cc bcc subject reply-to received content-type content-transfer-encoding dkim-signature "
	return !strings.ContainsAny(name+subject+headerValue, "\r\n") && subject != "" && text != "" && html != "" &&
		len(name) < 30 && len(subject) < 300 && len(headerName) < 100 && len(headerValue)+len(text)+len(html) < 100_000 &&
		plainName && !strings.Contains(reserved, " "+headerName+" ")
}

// valid is what JSON makes of text that is no UTF-8.
func valid(text string) string { return string([]rune(text)) }

// asSent is a part's text as a mail's lines carry it.
func asSent(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(valid(text), "\r\n", "\n"), "\r", "\n")
}
