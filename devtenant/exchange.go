package devtenant

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"byoe/redact"
)

// maxAnswer bounds what is read of an answer. Entra has a limit (error 1003024) and does not say which.
const maxAnswer = 64 << 10

// Exchange is what happened between Entra and a webhook for one code.
type Exchange struct {
	// CorrelationID is the first attempt's. Code is the same in every attempt.
	CorrelationID string
	Code          redact.Secret
	// Attempts are the calls: one, and a second where the first failed in a way after which Entra calls again.
	Attempts []Attempt
	// Fallback is the id of the mail that Microsoft sent in the webhook's place; "" where it sent none.
	Fallback string
}

// Last returns the attempt that counted.
func (e Exchange) Last() Attempt { return e.Attempts[len(e.Attempts)-1] }

// Accepted says whether the sign-in goes on with the webhook's mail: the last answer was the documented one, in time.
func (e Exchange) Accepted() bool { return e.Last().Accepted() }

// Attempt is one call of the webhook.
type Attempt struct {
	// Started is when the tenant began to make the token.
	Started time.Time
	// CorrelationID is that of the event that was sent.
	CorrelationID string
	// Bearer and Event are what was sent: the token or the key, and the body with address and code in it.
	Bearer redact.Secret
	Event  redact.Secret
	// Status, ContentType and Body are the answer; 0, "" and nil where there was none in time.
	Status      int
	ContentType string
	Body        []byte
	// UserMessage is what a person at a B2C policy's page reads of it; "" where they are told nothing.
	UserMessage string
	// Token, Request and Answer are how long it took to get the token, then to connect and send the request, and then
	// until the last octet of the answer.
	Token, Request, Answer time.Duration
	// Refusal is why Entra would not take the answer; the zero value where it is the documented one.
	Refusal Refusal
}

// Accepted says whether the answer was the documented one, in time.
func (a Attempt) Accepted() bool { return a.Refusal == Refusal{} }

// TimedOut says whether there was no answer in time.
func (a Attempt) TimedOut() bool { return a.Refusal.Code == codeTimedOut }

// Total is the whole attempt.
func (a Attempt) Total() time.Duration { return a.Token + a.Request + a.Answer }

// SendCode plays Entra's part for one code, as [Tenant.Behaviour] has it: it calls the webhook with the documented event
// and a fresh token, waits, and calls again where Entra would.
//
// A webhook that refuses, times out or cannot be reached is an outcome and no error; an error says that the part could
// not be played: an unusable URL, or ctx was done.
func (t *Tenant) SendCode(ctx context.Context, webhookURL string, s SignIn) (Exchange, error) {
	call, err := t.send(ctx, Entra, originProgram, webhookURL, s)
	return call.Exchange, err
}

// SendClaims plays the part of an Azure AD B2C policy for one code, as [Tenant.SendCode] plays Entra's: it calls the webhook
// with the claims and the key of a RESTful technical profile, once.
func (t *Tenant) SendClaims(ctx context.Context, webhookURL string, s SignIn) (Exchange, error) {
	call, err := t.send(ctx, Policy, originProgram, webhookURL, s)
	return call.Exchange, err
}

// send plays the caller's part and keeps a record of it.
func (t *Tenant) send(ctx context.Context, caller Caller, origin, webhookURL string, s SignIn) (Call, error) {
	target, err := parseWebhook(webhookURL)
	if err != nil {
		return Call{}, err
	}
	s, err = s.withDefaults()
	if err != nil {
		return Call{}, err
	}
	call := Call{At: time.Now(), Caller: caller, Origin: origin, Webhook: target, SignIn: s}
	call.Exchange, err = t.exchange(ctx, caller, target, s, caller.behaves(t.Behaviour()))
	if err != nil {
		return Call{}, err
	}
	return t.calls.add(call), nil
}

// errWebhookURL says what a webhook's address must look like. It quotes nothing: an address may hold a function key.
var errWebhookURL = errors.New("the webhook's address is not of the form http://host/path")

func parseWebhook(webhookURL string) (string, error) {
	target, err := url.Parse(webhookURL)
	if err != nil || target.Host == "" || (target.Scheme != "http" && target.Scheme != "https") {
		return "", errWebhookURL
	}
	return target.String(), nil
}

func (t *Tenant) exchange(ctx context.Context, caller Caller, target string, s SignIn, b Behaviour) (Exchange, error) {
	exchange := Exchange{CorrelationID: s.CorrelationID, Code: s.Code}
	timeout := b.Timeout
	if s.Timeout > 0 {
		timeout = s.Timeout
	}
	for call := range 1 + b.Retries {
		if call > 0 && b.RetryNewCorrelationID {
			s.CorrelationID = newGUID()
		}
		body, err := t.body(caller, s, b)
		if err != nil {
			return Exchange{}, fmt.Errorf("encoding the event: %w", err)
		}
		attempt, err := t.attempt(ctx, caller, target, body, timeout)
		if err != nil {
			return Exchange{}, err
		}
		attempt.CorrelationID = s.CorrelationID
		exchange.Attempts = append(exchange.Attempts, attempt)
		if attempt.Accepted() || !attempt.TimedOut() && !b.RetryAnyFailure {
			break
		}
	}
	if !exchange.Accepted() && b.Fallback {
		exchange.Fallback = t.sendMicrosoftsOwn(s)
	}
	return exchange, nil
}

// attempt calls the webhook once.
func (t *Tenant) attempt(ctx context.Context, caller Caller, target string, body []byte, timeout time.Duration) (Attempt, error) {
	started := time.Now()
	field, prefix, secret, err := t.credential(caller)
	if err != nil {
		return Attempt{}, err
	}
	attempt := Attempt{Started: started, Token: time.Since(started), Bearer: redact.NewSecret(secret), Event: redact.NewSecret(string(body))}
	var sent atomic.Int64 // nanoseconds from called on; the transport may still be writing when the answer is there
	called := time.Now()
	waiting, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	traced := httptrace.WithClientTrace(waiting, &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { sent.CompareAndSwap(0, int64(time.Since(called))) },
	})
	answer, err := t.post(traced, target, field, prefix+secret, body)
	if err == nil {
		err = holdBack(waiting, t.slowness())
	}
	attempt.split(time.Since(called), time.Duration(sent.Load()))
	if ctx.Err() != nil {
		return Attempt{}, ctx.Err()
	}
	switch {
	case waiting.Err() != nil && err != nil:
		attempt.Refusal = refusal(codeTimedOut, fmt.Sprintf("no answer in %v", timeout))
	case err != nil:
		attempt.Refusal = refusal(codeConnectionError, "the webhook cannot be reached: "+reason(err))
	default:
		attempt.Status, attempt.ContentType, attempt.Body = answer.status, answer.contentType, answer.body
		attempt.Refusal, attempt.UserMessage = caller.judge(answer)
	}
	return attempt, nil
}

// holdBack keeps an answer that is there from Entra for a while.
func holdBack(ctx context.Context, by time.Duration) error {
	if by == 0 {
		return nil
	}
	select {
	case <-time.After(by):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// split divides the call's time at the moment when the request was out; it was never out where sent is 0.
func (a *Attempt) split(total, sent time.Duration) {
	if sent == 0 {
		sent = total
	}
	sent = min(sent, total)
	a.Request, a.Answer = sent, total-sent
}

// answer is what the webhook said.
type answer struct {
	status      int
	contentType string
	body        []byte
}

// post sends the event and reads the answer, one octet beyond the limit so that judge sees that it was passed.
func (t *Tenant) post(ctx context.Context, target, field, credential string, body []byte) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set(field, credential)
	response, err := t.client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	read, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return answer{}, err
	}
	return answer{status: response.StatusCode, contentType: response.Header.Get("Content-Type"), body: read}, nil
}

// newClient follows no redirect: whether Entra does is nowhere said, and a webhook must not rely on it.
func newClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			MaxIdleConnsPerHost: 16,
			IdleConnTimeout:     30 * time.Second,
			ForceAttemptHTTP2:   true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
