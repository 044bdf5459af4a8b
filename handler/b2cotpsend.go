package handler

import (
	"context"
	"errors"
	"net/http"
	"time"

	"byoe/b2c"
	"byoe/b2c/credential"
	"byoe/event"
	"byoe/message"
)

// Credentials answers whether a call comes from the owner's Azure AD B2C policies: credential.Checker. Its methods are safe
// for concurrent use.
type Credentials interface {
	// Check returns a *credential.Refusal or an error that wraps auth.ErrKeysUnavailable, by ctx's end at the latest.
	Check(ctx context.Context, header http.Header) error
	// Challenges are the values of WWW-Authenticate.
	Challenges() []string
	// Ready says whether calls can be checked without waiting.
	Ready() bool
}

// B2C is what the endpoint for Azure AD B2C's policies has of its own. The mail goes the same way as that of Entra's event.
type B2C struct {
	Credentials Credentials
	Claims      *b2c.Decoder
	// Composer writes the mails: B2C's codes live for another time than Entra's, and the mail says so.
	Composer Composer
	Messages *b2c.Messages
}

// serveB2C takes one call of a policy's RESTful technical profile through credential, claims, message and delivery. The
// credential comes first: nobody else gets a body read or a fault explained.
func (h *Handler) serveB2C(w http.ResponseWriter, r *http.Request, rec *record) {
	if !allow(w, r, http.MethodPost) {
		return
	}
	h.open(rec, r, endpointB2C)
	f := h.handle(r, rec, h.prepareB2C)
	say, shown := userMessageFor(f)
	switch {
	case f.status == http.StatusOK:
		writeClaims(w, http.StatusOK, b2c.Accepted())
	case shown:
		rec.report.Status = http.StatusConflict
		writeClaims(w, http.StatusConflict, b2c.Conflict(h.b2c.Messages.Text(rec.report.Locale, say)))
	default:
		if f.status == http.StatusUnauthorized {
			w.Header()["Www-Authenticate"] = h.b2c.Credentials.Challenges()
		}
		writeProblem(w, f, rec.report.CorrelationID)
	}
	h.close(r.Context(), rec, f)
}

// prepareB2C takes a call as far as its mail, as prepare does for Entra's event.
func (h *Handler) prepareB2C(r *http.Request, rec *record) (*message.Message, *event.Event, error) {
	if err := h.checkCredential(r, rec); err != nil {
		return nil, nil, err
	}
	e, err := h.decodeClaims(r, rec)
	if err != nil {
		return nil, nil, err
	}
	if err := h.b2c.Claims.Permit(e); err != nil {
		return nil, nil, err
	}
	began := time.Now()
	m, err := h.b2c.Composer.Compose(e)
	rec.passed(PhaseCompose, began)
	return m, e, err
}

// decodeClaims reads the body and the claims in it.
func (h *Handler) decodeClaims(r *http.Request, rec *record) (*event.Event, error) {
	began := time.Now()
	defer func() { rec.passed(PhaseDecode, began) }()
	body, err := readBody(r)
	if err != nil {
		return nil, err
	}
	e, err := h.b2c.Claims.Decode(body)
	if err != nil {
		return nil, err
	}
	rec.setEvent(e)
	return e, nil
}

// checkCredential gives the check a part of the caller's patience, as verify does.
func (h *Handler) checkCredential(r *http.Request, rec *record) error {
	ctx, cancel := context.WithDeadline(r.Context(), rec.report.Arrived.Add(verifyMost))
	defer cancel()
	began := time.Now()
	err := h.b2c.Credentials.Check(ctx, r.Header)
	rec.passed(PhaseAuth, began)
	if refusal, ok := errors.AsType[*credential.Refusal](err); ok {
		rec.setRefusal(refusal.Token)
	}
	return err
}

func writeClaims(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", b2c.AnswerType)
	w.WriteHeader(status)
	_, _ = w.Write(body) // a caller that is gone needs no answer
}
