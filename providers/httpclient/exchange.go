package httpclient

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"

	"byoe/providers"
)

// Request is one POST that hands over a mail.
type Request struct {
	URL    string
	Header http.Header
	Body   []byte
}

// JSONRequest returns a request with a JSON body, and the error that a provider gives for a mail that cannot be encoded.
// The body is the same, byte for byte, each time: a vendor that compares bodies under one idempotency key relies on it.
func JSONRequest(url string, header http.Header, body any) (Request, error) {
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		return Request{}, &providers.Error{Kind: providers.KindConfig, Code: "not encodable", Cause: err}
	}
	header = header.Clone()
	header.Set("Content-Type", "application/json")
	return Request{URL: url, Header: header, Body: encoded.Bytes()}, nil
}

// Answer is what a vendor said to a request.
type Answer struct {
	Status int
	Header http.Header
	// Body is what could be read of it, at most 64 KiB. One that broke off does not parse, and the status came before it.
	Body []byte
}

// Exchange sends the request once and returns the answer, whatever it says. The error is an [*providers.Error]: no answer
// came.
func Exchange(ctx context.Context, client *http.Client, r Request) (Answer, error) {
	return exchange(ctx, client, http.MethodPost, r)
}

// Ask sends a GET, for the questions of a Check. The error is an [*providers.Error].
func Ask(ctx context.Context, client *http.Client, url string, header http.Header) (Answer, error) {
	return exchange(ctx, client, http.MethodGet, Request{URL: url, Header: header})
}

// AskJSON sends a GET for a document and reads it, for the questions of an Examine. The error is an [*providers.Error]; any
// answer but a 200 with that JSON is one, by its status.
func AskJSON(ctx context.Context, client *http.Client, url string, header http.Header, into any) error {
	answer, err := Ask(ctx, client, url, header)
	if err != nil {
		return err
	}
	if answer.Status != http.StatusOK {
		return answer.Failure(KindOfStatus(answer.Status), "")
	}
	if err := json.Unmarshal(answer.Body, into); err != nil {
		return &providers.Error{Kind: providers.KindAmbiguous, Code: "unreadable answer", Cause: err}
	}
	return nil
}

func exchange(ctx context.Context, client *http.Client, method string, r Request) (Answer, error) {
	ctx, progress := Watch(ctx)
	request, err := http.NewRequestWithContext(ctx, method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return Answer{}, &providers.Error{Kind: providers.KindConfig, Code: "base URL", Cause: err}
	}
	request.Header = r.Header
	response, err := client.Do(request)
	if err != nil {
		return Answer{}, progress.Failure(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, _ := io.ReadAll(response.Body) // see Answer.Body
	return Answer{Status: response.StatusCode, Header: response.Header, Body: body}, nil
}

// askAgainAfter is how long to wait for a request that the vendor still has in progress, where it does not say itself.
const askAgainAfter = 200 * time.Millisecond

// ExchangeIdempotent is [Exchange] for a request that carries the vendor's idempotency key and may therefore be sent a
// second time: at once, where the answer was lost, and after a wait, where the vendor says that the first is still in
// progress. Such an answer is never taken for acceptance: if the second is one too, or there is no time to wait, the
// failure is ambiguous.
func ExchangeIdempotent(ctx context.Context, client *http.Client, r Request, inProgress func(Answer) bool) (Answer, error) {
	answer, err := Exchange(ctx, client, r)
	switch {
	case err != nil && providers.KindOf(err) != providers.KindAmbiguous:
		return Answer{}, err
	case err == nil && !inProgress(answer):
		return answer, nil
	case err == nil && !wait(ctx, answer):
		return Answer{}, answer.Failure(providers.KindAmbiguous, "in progress")
	}
	answer, err = Exchange(ctx, client, r)
	if err != nil {
		// The first one may have been accepted, however this one failed.
		failure := &providers.Error{Kind: providers.KindAmbiguous, Code: "unreadable answer", Cause: err}
		if second, ok := err.(*providers.Error); ok { //nolint:errorlint // Exchange promises the error itself
			failure.Code = second.Code
		}
		return Answer{}, failure
	}
	if inProgress(answer) {
		return Answer{}, answer.Failure(providers.KindAmbiguous, "in progress")
	}
	return answer, nil
}

// wait waits for as long as the answer wants, if there is so much time.
func wait(ctx context.Context, answer Answer) bool {
	pause := RetryAfter(answer.Header, time.Now())
	if pause == 0 {
		pause = askAgainAfter
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= pause {
		return false
	}
	select {
	case <-time.After(pause):
		return true
	case <-ctx.Done():
		return false
	}
}

// Failure makes the error of an answer. detail stands behind the status in the code; it is a word of ours or one of a list
// known beforehand, never the vendor's prose.
func (a Answer) Failure(kind providers.Kind, detail string) *providers.Error {
	code := strconv.Itoa(a.Status)
	if detail != "" {
		code += " " + detail
	}
	return &providers.Error{Kind: kind, Code: code, RetryAfter: RetryAfter(a.Header, time.Now())}
}

// KindOfStatus is what a status means where the body does not say more.
//
// A 2xx is ambiguous: whoever asks has found no acceptance in it, and nobody can say what the 200 of something in between
// has done with the mail. So is 504: the gateway passed the mail on and does not know.
func KindOfStatus(status int) providers.Kind {
	switch {
	case status < http.StatusMultipleChoices, status == http.StatusGatewayTimeout:
		return providers.KindAmbiguous
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return providers.KindAuth
	case status == http.StatusTooManyRequests:
		return providers.KindThrottled
	case status == http.StatusRequestTimeout, status >= http.StatusInternalServerError:
		return providers.KindTemporary
	default:
		return providers.KindConfig
	}
}

// Connect opens a connection to the vendor that later requests find in the pool. What the vendor answers is of no
// interest; no key is sent.
func Connect(ctx context.Context, client *http.Client, url string) error {
	ctx, progress := Watch(ctx)
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, url, http.NoBody)
	if err != nil {
		return &providers.Error{Kind: providers.KindConfig, Code: "base URL", Cause: err}
	}
	response, err := client.Do(request)
	if err != nil {
		return &providers.Error{Kind: providers.KindTemporary, Code: progress.codeBeforeSending(err), Cause: err}
	}
	_ = response.Body.Close()
	return nil
}
