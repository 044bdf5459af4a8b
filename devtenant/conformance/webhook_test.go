package conformance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"net/smtp"
	"strings"
	"sync"
	"testing"
	"time"

	"byoe/devtenant"
)

// webhook is the least that does everything right, written from Microsoft's documents and from nothing of byoe's. Each of
// its flags takes one thing away.
type webhook struct {
	tenant *devtenant.Tenant
	tokens *tokens

	sendsNothing, swallowsErrors, forgetsEvents            bool
	slow                                                   time.Duration
	onlyLowerCase, needsRequestType, breaksOnNullResource  bool
	body, contentType                                      string
	noTextPart, remotePicture, noCodeLine, copiesToAnother bool

	failsOver, goesByAddress, goesByCorrelation, oneLanguage bool

	mu     sync.Mutex
	events map[string]*outcome
}

// outcome is what became of an event; done is closed when it is known.
type outcome struct {
	done chan struct{}
	err  error
}

const goodBody = `{"data":{"@odata.type":"microsoft.graph.OnOtpSendResponseData",` +
	`"actions":[{"@odata.type":"microsoft.graph.OtpSend.continueWithDefaultBehavior"}]}}`

// serve starts the webhook, without the things that spoil takes away, and returns its address.
func serve(t *testing.T, tenant *devtenant.Tenant, spoil func(*webhook)) string {
	t.Helper()
	w := &webhook{
		tenant: tenant, tokens: newTokens(tenant), body: goodBody, contentType: "application/json", events: map[string]*outcome{},
	}
	if spoil != nil {
		spoil(w)
	}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	return server.URL + "/api/EmailOtpSend"
}

func (w *webhook) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	if w.slow > 0 {
		select {
		case <-time.After(w.slow):
		case <-req.Context().Done():
			return
		}
	}
	status := w.handle(rw, req)
	if status != http.StatusOK {
		http.Error(rw, "refused", status)
		return
	}
	rw.Header().Set("Content-Type", w.contentType)
	_, _ = io.WriteString(rw, w.body)
}

func (w *webhook) handle(rw http.ResponseWriter, req *http.Request) int {
	if req.Method != http.MethodPost {
		return http.StatusMethodNotAllowed
	}
	if err := w.tokens.verify(req.Context(), req.Header.Get("Authorization")); err != nil {
		return http.StatusUnauthorized
	}
	if media, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type")); media != "application/json" {
		return http.StatusUnsupportedMediaType
	}
	raw, err := io.ReadAll(http.MaxBytesReader(rw, req.Body, 64<<10))
	if err != nil {
		return http.StatusRequestEntityTooLarge
	}
	e, status := w.read(raw)
	if status != http.StatusOK {
		return status
	}
	if err := w.once(context.WithoutCancel(req.Context()), e); err != nil && !w.swallowsErrors {
		return http.StatusBadGateway
	}
	return http.StatusOK
}

// event is what the webhook needs.
type event struct{ to, code, locale, correlation string }

func (w *webhook) read(raw []byte) (event, int) {
	var e struct {
		Type string
		Data struct {
			TenantID              string
			OTPContext            map[string]string
			AuthenticationContext struct {
				CorrelationID            string
				RequestType              *string
				Client                   struct{ Locale string }
				ResourceServicePrincipal *struct{}
			}
		}
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		return event{}, http.StatusBadRequest
	}
	c := e.Data.AuthenticationContext
	found := event{to: e.Data.OTPContext["identifier"], code: e.Data.OTPContext["onetimecode"], locale: c.Client.Locale, correlation: c.CorrelationID}
	if found.code == "" && !w.onlyLowerCase {
		found.code = e.Data.OTPContext["oneTimeCode"]
	}
	address, err := netmail.ParseAddress(found.to)
	switch {
	case e.Type != "microsoft.graph.authenticationEvent.emailOtpSend", e.Data.TenantID != devtenant.TenantID, found.code == "":
		return event{}, http.StatusBadRequest
	case err != nil, address.Address != found.to:
		return event{}, http.StatusUnprocessableEntity
	case w.needsRequestType && c.RequestType == nil:
		return event{}, http.StatusBadRequest
	case w.breaksOnNullResource && c.ResourceServicePrincipal == nil:
		return event{}, http.StatusInternalServerError
	}
	return found, http.StatusOK
}

// once sends an event's mail, or waits for what becomes of the one that is being sent. A failure is forgotten: the next call
// tries again.
func (w *webhook) once(ctx context.Context, e event) error {
	key := e.to + " " + e.code
	switch {
	case w.goesByAddress:
		key = e.to
	case w.goesByCorrelation:
		key = e.correlation
	}
	w.mu.Lock()
	known, ok := w.events[key]
	if ok && !w.forgetsEvents {
		w.mu.Unlock()
		<-known.done
		return known.err
	}
	mine := &outcome{done: make(chan struct{})}
	w.events[key] = mine
	w.mu.Unlock()
	mine.err = w.send(ctx, e)
	if mine.err != nil && w.failsOver {
		mine.err = w.sendByAPI(ctx, e)
	}
	if mine.err != nil {
		w.mu.Lock()
		delete(w.events, key)
		w.mu.Unlock()
	}
	close(mine.done)
	return mine.err
}

// sendMost is within Entra's time-out.
const sendMost = 1500 * time.Millisecond

// send hands the mail to the tenant's mailbox by SMTP.
func (w *webhook) send(ctx context.Context, e event) error {
	if w.sendsNothing {
		return nil
	}
	conn, err := (&net.Dialer{Timeout: sendMost}).DialContext(ctx, "tcp", w.tenant.MailboxAddr())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(sendMost))
	client, err := smtp.NewClient(conn, "127.0.0.1")
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	err = client.Mail("no-reply@example.com")
	if err != nil {
		return err
	}
	recipients := []string{e.to}
	if w.copiesToAnother {
		recipients = append(recipients, "archive@example.com")
	}
	for _, to := range recipients {
		err = errors.Join(err, client.Rcpt(to))
	}
	if err != nil {
		return err
	}
	data, err := client.Data()
	if err != nil {
		return err
	}
	_, err = io.WriteString(data, w.mail(e))
	return errors.Join(err, data.Close())
}

// sendByAPI hands it to the tenant's stand-in for SendGrid.
func (w *webhook) sendByAPI(ctx context.Context, e event) error {
	body, err := json.Marshal(map[string]any{
		"personalizations": []any{map[string]any{"to": []any{map[string]any{"email": e.to}}}},
		"from":             map[string]any{"email": "no-reply@example.com"}, "subject": "Your code",
		"content": []any{map[string]any{"type": "text/plain", "value": "Your code is\n\n" + e.code + "\n"}},
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, sendMost/3)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.tenant.SendGridURL()+"/v3/mail/send", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer SG.any")
	request.Header.Set("Content-Type", "application/json")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusAccepted {
		return errors.New(response.Status)
	}
	return nil
}

// mail writes the letter.
func (w *webhook) mail(e event) string {
	language, words := "en", "Your code is"
	if strings.HasPrefix(e.locale, "ja") && !w.oneLanguage {
		language, words = "ja", "確認コードはこちらです"
	}
	text := fmt.Sprintf("%s\n\n%s\n", words, e.code)
	if w.noCodeLine {
		text = words + ": " + e.code + ".\n"
	}
	html := fmt.Sprintf("<p>%s <b>%s</b></p>", words, e.code)
	if w.remotePicture {
		html += `<img src="https://pictures.example.com/logo.png">`
	}
	var b strings.Builder
	fmt.Fprintf(&b, "From: Example <no-reply@example.com>\nTo: %s\nSubject: %s\nContent-Language: %s\nMIME-Version: 1.0\n", e.to, "Your code", language)
	b.WriteString("Content-Type: multipart/alternative; boundary=part\n\n")
	if !w.noTextPart {
		fmt.Fprintf(&b, "--part\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n%s\n", text)
	}
	fmt.Fprintf(&b, "--part\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n%s\n--part--\n", html)
	return strings.ReplaceAll(b.String(), "\n", "\r\n")
}
