package standin_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/smtp"
	"testing"
	"time"

	"go.uber.org/goleak"

	"byoe/bench/entra"
	"byoe/bench/standin"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const delay = 50 * time.Millisecond

// startRemote runs the providers as their own process does, but in this one.
func startRemote(t *testing.T) *standin.Remote {
	t.Helper()
	orders, stdin := io.Pipe()
	stdout, answers := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- standin.ServeOrders(context.WithoutCancel(t.Context()), orders, answers) }()
	t.Cleanup(func() {
		_ = stdin.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	r, err := standin.NewRemote(stdin, stdout)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func post(t *testing.T, client *http.Client, url string, number int) *http.Response {
	t.Helper()
	mail := fmt.Appendf(nil, `{"personalizations":[{"to":[{"email":"%s@example.org"}]}]}`, entra.Person(number))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v3/mail/send", bytes.NewReader(mail))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer
}

func TestProvidersSayWhatTheyTookAndHowLong(t *testing.T) {
	t.Parallel()
	r := startRemote(t)
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	if got := post(t, client, r.SendGrid, 7); got.StatusCode != http.StatusAccepted || got.Header.Get("X-Message-Id") == "" {
		t.Errorf("%d %v", got.StatusCode, got.Header)
	}
	if err := r.SetDelay(delay); err != nil { // it forgets what was before
		t.Fatal(err)
	}
	post(t, client, r.SendGrid, 8)
	text := []byte("Subject: 12345678\r\n\r\nhello\r\n")
	if err := smtp.SendMail(r.SMTP, nil, "a@contoso.example", []string{entra.Person(9) + "@example.org"}, text); err != nil {
		t.Fatal(err)
	}
	report, err := r.Report()
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Mails) != 2 || report.Mails[0].Number != 8 || report.Mails[1].Number != 9 || report.Connections != 1 {
		t.Fatalf("%+v, want mails 8 and 9, and the SMTP connection", report)
	}
	for _, m := range report.Mails {
		if m.Own < delay || m.Own > 10*delay {
			t.Errorf("mail %d took %v, want %v", m.Number, m.Own, delay)
		}
	}
	if again, err := r.Report(); err != nil || len(again.Mails) != 0 {
		t.Errorf("told twice: %+v, %v", again, err)
	}
}

func TestMailsOfNoCallAreTakenToo(t *testing.T) {
	t.Parallel()
	p, err := standin.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	url, address := p.Addresses()
	if err := smtp.SendMail(address, nil, "a@contoso.example", []string{"ann@example.org"}, []byte("\r\n")); err != nil {
		t.Error(err)
	}
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodHead, url, http.NoBody)
	answer, err := client.Do(request)
	if err != nil || answer.StatusCode != http.StatusNotFound {
		t.Errorf("%v, %v", answer, err)
	}
	if r := p.Report(); len(r.Mails) != 1 || r.Mails[0].Number != -1 {
		t.Errorf("%+v", r)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

func TestOrdersThatAreNoneEndIt(t *testing.T) {
	t.Parallel()
	if err := standin.ServeOrders(t.Context(), bytes.NewReader([]byte("{\n")), io.Discard); err == nil {
		t.Error("a broken order was obeyed")
	}
	if _, err := standin.NewRemote(io.Discard, bytes.NewReader(nil)); err == nil {
		t.Error("a process that says nothing was taken for the providers")
	}
}
