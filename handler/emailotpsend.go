package handler

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"byoe/auth"
	"byoe/delivery"
	"byoe/event"
	"byoe/message"
)

// maxBody bounds a body in bytes. The documented event has 1.5 KiB.
const maxBody = 256 << 10

// maxDrain bounds what is read and thrown away of a longer one. The Functions host answers its caller 500 after two seconds
// and more where the connection is closed while it still writes; a body that was taken to its end gets our 413 at once.
const maxDrain = 8 << 20

// serveEvent takes one EmailOtpSend call through auth, event, message and delivery. The token comes first: nobody else
// gets a body read or a fault explained.
func (h *Handler) serveEvent(w http.ResponseWriter, r *http.Request, rec *record) {
	if !allow(w, r, http.MethodPost) {
		return
	}
	h.open(rec, r, endpointEvent)
	f := h.handle(r, rec, h.prepare)
	if f.status != http.StatusOK {
		writeProblem(w, f, rec.report.CorrelationID)
	} else {
		writeAnswer(w)
	}
	h.close(r.Context(), rec, f)
}

// handle returns what to answer; a status of 200 means that a provider has the mail, or that the owner wants it so.
func (h *Handler) handle(r *http.Request, rec *record, prepare func(*http.Request, *record) (*message.Message, *event.Event, error)) reply {
	m, e, err := prepare(r, rec)
	if err != nil {
		failed := replyOf(err)
		if failed.status >= http.StatusInternalServerError {
			rec.report.Cause = err
		}
		return failed
	}
	stop, began := rec.watchCaller(r.Context()), time.Now()
	outcome := h.deliverer.Deliver(r.Context(), delivery.Order{
		Endpoint: rec.report.Endpoint, Arrived: rec.report.Arrived, TenantID: e.TenantID, Recipient: e.Identifier, Code: e.Code, Message: m, Trace: rec.report.Trace.Self,
	})
	stop()
	rec.passed(PhaseDeliver, began)
	rec.setOutcome(outcome)
	return replyTo(outcome.Result())
}

// prepare takes a call as far as its mail: who calls, what happened, is it for us, what will the person read.
func (h *Handler) prepare(r *http.Request, rec *record) (*message.Message, *event.Event, error) {
	caller, err := h.verify(r, rec)
	if err != nil {
		return nil, nil, err
	}
	e, err := h.decode(r, rec)
	if err != nil {
		return nil, nil, err
	}
	if err := h.permit(caller, e); err != nil {
		return nil, nil, err
	}
	began := time.Now()
	m, err := h.composer.Compose(e)
	rec.passed(PhaseCompose, began)
	return m, e, err
}

// decode reads the body and the event in it.
func (h *Handler) decode(r *http.Request, rec *record) (*event.Event, error) {
	began := time.Now()
	defer func() { rec.passed(PhaseDecode, began) }()
	body, err := readBody(r)
	var e *event.Event
	if err == nil {
		e, err = event.Decode(body)
	}
	if h.witness != nil {
		h.witness.Witness(r, body, e)
	}
	if err != nil {
		return nil, err
	}
	rec.setEvent(e)
	return e, nil
}

// verify gives the token check a part of the caller's patience: waiting for keys longer would leave no time for the mail.
func (h *Handler) verify(r *http.Request, rec *record) (auth.Caller, error) {
	ctx, cancel := context.WithDeadline(r.Context(), rec.report.Arrived.Add(verifyMost))
	defer cancel()
	began := time.Now()
	caller, err := h.auth.Verify(ctx, r.Header.Values("Authorization"))
	rec.passed(PhaseAuth, began)
	if refusal, ok := errors.AsType[*auth.Refusal](err); ok {
		rec.setRefusal(refusal)
	}
	return caller, err
}

// The errors of this package's own checks.
var (
	errMediaType    = errors.New("media type is not application/json")
	errBody         = errors.New("the body cannot be read")
	errTenant       = errors.New("the event's tenant is not the token's")
	errApp          = errors.New("the application is not among ENTRA_ALLOWED_APPS")
	errExtension    = errors.New("the extension is not among ENTRA_ALLOWED_EXTENSIONS")
	errBodyTooLarge = errors.New("the body is too large")
)

// readBody reads a JSON body whole. A content encoding is refused: nobody documents one, and the host drops the header
// without decoding when it forwards.
func readBody(r *http.Request) ([]byte, error) {
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != "application/json" {
		return nil, errMediaType
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil, errMediaType
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, errBody
	}
	if len(body) > maxBody {
		_, _ = io.CopyN(io.Discard, r.Body, maxDrain) // what is left of it is nobody's
		return nil, errBodyTooLarge
	}
	return body, nil
}

// permit refuses genuine calls that are not for us: an event of another tenant than the token's, an application or an
// extension that the owner did not list.
func (h *Handler) permit(caller auth.Caller, e *event.Event) error {
	if !strings.EqualFold(e.TenantID, caller.TenantID) {
		return errTenant
	}
	if !listed(h.config.AllowedApps, e.Client.AppID) {
		return errApp
	}
	if !listed(h.config.AllowedExtensions, e.ExtensionID) {
		return errExtension
	}
	return nil
}

// listed says whether id is allowed; an empty list allows all.
func listed(list []string, id string) bool {
	return len(list) == 0 || slices.ContainsFunc(list, func(allowed string) bool { return strings.EqualFold(allowed, id) })
}

// writeAnswer writes the one answer that Entra takes for success.
func writeAnswer(w http.ResponseWriter) {
	w.Header().Set("Content-Type", event.AnswerType)
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(event.Answer()) // a caller that is gone needs no answer
}
