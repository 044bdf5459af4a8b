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

// Timeout is how long Entra waits for a webhook's answer at most (Microsoft: Entra External ID service limits).
const Timeout = 2 * time.Second

// maxAnswer bounds what is read of an answer. Entra has a limit (error 1003024) and does not say which.
const maxAnswer = 64 << 10

// Exchange is what happened between Entra and a webhook for one code.
type Exchange struct {
	// CorrelationID and Code are what was sent, the same in every attempt.
	CorrelationID string
	Code          redact.Secret
	// Attempts are the calls: one, and a second where the first timed out.
	Attempts []Attempt
}

// Last returns the attempt that counted.
func (e Exchange) Last() Attempt { return e.Attempts[len(e.Attempts)-1] }

// Accepted says whether the sign-in goes on: the last answer was the documented one, in time.
func (e Exchange) Accepted() bool { return e.Last().Accepted() }

// Attempt is one call of the webhook.
type Attempt struct {
	// Status and Body are the answer; 0 and nil where there was none in time.
	Status int
	Body   []byte
	// Token, Request and Answer are how long it took to get the token, then to connect and send the request, and then
	// until the last octet of the answer.
	Token, Request, Answer time.Duration
	// Refusal is why Entra would not take the answer; the zero value where it is the documented one.
	Refusal Refusal
}

// Accepted says whether the answer was the documented one, in time.
func (a Attempt) Accepted() bool { return a.Refusal == Refusal{} }

// TimedOut says whether there was no answer in time, which alone makes Entra call again.
func (a Attempt) TimedOut() bool { return a.Refusal.Code == codeTimedOut }

// Total is the whole attempt.
func (a Attempt) Total() time.Duration { return a.Token + a.Request + a.Answer }

// SendCode plays Entra's part for one code: it calls the webhook with the documented event and a fresh token, waits,
// and calls once more, with the same event, where the answer did not come in time.
//
// A webhook that refuses, times out or cannot be reached is an outcome and no error; an error says that the part could
// not be played: an unusable URL, or ctx was done.
func (t *Tenant) SendCode(ctx context.Context, webhookURL string, s SignIn) (Exchange, error) {
	target, err := url.Parse(webhookURL)
	if err != nil || target.Host == "" || (target.Scheme != "http" && target.Scheme != "https") {
		return Exchange{}, errors.New("the webhook's address is not of the form http://host/path")
	}
	s, err = s.withDefaults()
	if err != nil {
		return Exchange{}, err
	}
	body, err := t.payload(s)
	if err != nil {
		return Exchange{}, fmt.Errorf("encoding the event: %w", err)
	}
	exchange := Exchange{CorrelationID: s.CorrelationID, Code: s.Code}
	for range 2 {
		attempt, err := t.attempt(ctx, target.String(), body, s.Timeout)
		if err != nil {
			return Exchange{}, err
		}
		exchange.Attempts = append(exchange.Attempts, attempt)
		if !attempt.TimedOut() {
			break
		}
	}
	return exchange, nil
}

// attempt calls the webhook once.
func (t *Tenant) attempt(ctx context.Context, target string, body []byte, timeout time.Duration) (Attempt, error) {
	started := time.Now()
	token, err := t.Token()
	if err != nil {
		return Attempt{}, err
	}
	attempt := Attempt{Token: time.Since(started)}
	var sent atomic.Int64 // nanoseconds from called on; the transport may still be writing when the answer is there
	called := time.Now()
	waiting, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	traced := httptrace.WithClientTrace(waiting, &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { sent.CompareAndSwap(0, int64(time.Since(called))) },
	})
	answer, err := t.post(traced, target, token, body)
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
		attempt.Status, attempt.Body, attempt.Refusal = answer.status, answer.body, judge(answer)
	}
	return attempt, nil
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
func (t *Tenant) post(ctx context.Context, target, token string, body []byte) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
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
