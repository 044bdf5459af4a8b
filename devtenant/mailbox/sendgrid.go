package mailbox

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// sendGridPath is the one endpoint that there is (SendGrid's API description, tsg_mail_v3).
	sendGridPath = "/v3/mail/send"
	// maxRequestBytes is for a request what maxMessageBytes is for a mail.
	maxRequestBytes = maxMessageBytes
)

// SendGrid returns SendGrid's Mail Send API, as far as it takes a mail: POST /v3/mail/send answers 202, or 200 in sandbox
// mode, or a 4xx in SendGrid's form. Any API key will do. Members of a request that say nothing about how the mail looks
// or to whom it goes are not looked at, attachments neither.
//
// Whoever serves it bounds the time in which a request must have arrived. Faults that cut the connection do so with
// [http.ErrAbortHandler].
func (m *Mailbox) SendGrid() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path != sendGridPath:
			refuseWith(http.StatusNotFound, "not found", "").write(w)
		case r.Method != http.MethodPost:
			w.Header().Set("Allow", http.MethodPost)
			refuseWith(http.StatusMethodNotAllowed, "method not allowed", "").write(w)
		default:
			m.takeRequest(w, r)
		}
	})
}

// takeRequest is one submission. A request that SendGrid would find wrong is refused for that, whatever fault is set.
func (m *Mailbox) takeRequest(w http.ResponseWriter, r *http.Request) {
	a := m.begin(SendGrid)
	if a.fault == FaultDown {
		a.abort()
	}
	request, wrong := readRequest(w, r)
	a.name(request.recipients()...)
	if wrong == nil {
		wrong = refusalOf(a.fault)
	}
	if wrong != nil {
		a.end(strconv.Itoa(wrong.status))
		wrong.write(w)
		return
	}
	if a.fault == FaultHang {
		m.hang(r.Context())
		a.abort()
	}
	status, id := http.StatusAccepted, rand.Text()
	mails := request.mails(id)
	if request.MailSettings.SandboxMode.Enable {
		status, mails = http.StatusOK, nil
	}
	if a.fault == FaultLose {
		a.store(answerNone, mails...)
		a.abort()
	}
	a.store(strconv.Itoa(status), mails...)
	if status == http.StatusAccepted {
		w.Header().Set("X-Message-Id", id)
	}
	w.WriteHeader(status)
}

// hang returns when the client has gone, the mailbox closes, or its time is over.
func (m *Mailbox) hang(ctx context.Context) {
	timer := time.NewTimer(m.hangMost)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-m.done:
	case <-timer.C:
	}
}

// abort cuts the connection without an answer. It does not return.
func (a *attempt) abort() {
	a.end(answerNone)
	panic(http.ErrAbortHandler)
}

// readRequest returns the request as far as it could be read, and what is wrong with it, or nil.
func readRequest(w http.ResponseWriter, r *http.Request) (sendGridRequest, *refusal) {
	var request sendGridRequest
	scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || key == "" {
		return request, refuseWith(http.StatusUnauthorized, "authorization required", "")
	}
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != "application/json" {
		return request, refuseWith(http.StatusUnsupportedMediaType, "Content-Type should be application/json.", "")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBytes))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return request, refuseWith(http.StatusRequestEntityTooLarge, "content too large", "")
	}
	if err != nil {
		return request, refuseWith(http.StatusBadRequest, "Bad Request", "")
	}
	err = json.Unmarshal(body, &request)
	if failure, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return request, refuseWith(http.StatusBadRequest, "Invalid type.", failure.Field)
	}
	if err != nil {
		return request, refuseWith(http.StatusBadRequest, "Bad Request", "")
	}
	if complaints := request.check(); len(complaints) > 0 {
		return request, &refusal{status: http.StatusBadRequest, Errors: complaints}
	}
	return request, nil
}
