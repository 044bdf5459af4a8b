package mailbox_test

import (
	"strings"
	"testing"

	"byoe/devtenant/mailbox"
)

func TestPut(t *testing.T) {
	t.Parallel()
	box := open(t)
	to := []string{"someone@example.com"}
	put := box.Put(mailbox.Microsoft, "msonlineservicesteam@microsoftonline.com", to,
		"From: Microsoft <msonlineservicesteam@microsoftonline.com>\r\nSubject: Your code\r\n\r\n12345678\r\n")
	to[0] = "changed@example.com"
	kept, found := box.Mail(put.ID)
	if !found || kept.Provider != "microsoft" || kept.Code != "12345678" || kept.To[0] != "someone@example.com" || kept.Received.IsZero() {
		t.Errorf("kept: %+v", kept)
	}
	if got := box.Submissions(); len(got) != 0 {
		t.Errorf("it is taken for a submission: %+v", got)
	}
	huge := box.Put(mailbox.Microsoft, "", nil, "\n"+strings.Repeat("x", 2<<20))
	if len(huge.Raw) != 1<<20 || huge.To == nil {
		t.Errorf("%d octets are kept, recipients %v", len(huge.Raw), huge.To)
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	box := open(t)
	put := func(provider, to, raw string) { box.Put(provider, "envelope@example.net", []string{to}, raw) }
	put(mailbox.SMTP, "anna@example.com", "From: Contoso <no-reply@contoso.example>\nSubject: Übung 1\n\nYour code is 12345678.\n")
	put(mailbox.SendGrid, "ben@example.com", "From: Fabrikam <hello@fabrikam.example>\nSubject: ÜBUNG 2\n\nHello Ben\n")
	put(mailbox.Microsoft, "anna@example.com", "From: Microsoft <a@b.example>\nSubject: 87654321\n\nHello Anna\n")

	cases := []struct{ name, query, want string }{
		{"nothing is all, newest first", "", "microsoft sendgrid smtp"},
		{"blanks are nothing", " \t\n", "microsoft sendgrid smtp"},
		{"subject, in any case", "übUNG", "sendgrid smtp"},
		{"sender", "fabrikam", "sendgrid"},
		{"recipient", "ANNA@example.com", "microsoft smtp"},
		{"code", "12345678", "smtp"},
		{"code in the subject", "8765", "microsoft"},
		{"text", "hello", "microsoft sendgrid"},
		{"provider", "smtp", "smtp"},
		{"every word", "hello anna", "microsoft"},
		{"words of different fields", "sendgrid ben übung", "sendgrid"},
		{"not the envelope's sender", "envelope", ""},
		{"nothing found", "hello 12345678", ""},
		{"ten words count", "a e i o n m l . @ x never-there", "microsoft sendgrid smtp"},
	}
	for _, c := range cases {
		found := box.Search(c.query)
		names := make([]string, 0, len(found))
		for _, mail := range found {
			names = append(names, mail.Provider)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s: %q finds %q, want %q", c.name, c.query, got, c.want)
		}
	}
}
