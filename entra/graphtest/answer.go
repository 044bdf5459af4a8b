package graphtest

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// answer is what goes back.
type answer struct {
	status int
	header http.Header
	body   []byte
	// code and message are an error's.
	code, message string
}

func reply(status int, body any) *answer {
	given := &answer{status: status, header: http.Header{}}
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil { // what came out of JSON can go back
			return refuse(http.StatusInternalServerError, "InternalServerError", err.Error())
		}
		given.body = raw
		given.header.Set("Content-Type", "application/json;odata.metadata=minimal;charset=utf-8")
	}
	return given
}

// done is the answer of a change: 204.
func done() *answer { return reply(http.StatusNoContent, nil) }

// refuse is an error in Graph's form (learn.microsoft.com, Microsoft Graph error responses and resource types).
func refuse(status int, code, message string) *answer {
	return &answer{status: status, header: http.Header{}, code: code, message: message}
}

func badRequest(format string, values ...any) *answer {
	return refuse(http.StatusBadRequest, "Request_BadRequest", fmt.Sprintf(format, values...))
}

// notFound is the directory's 404.
func notFound(id string) *answer {
	return refuse(http.StatusNotFound, "Request_ResourceNotFound",
		"Resource '"+id+"' does not exist or one of its queried reference-property objects are not present.")
}

// name gives the answer its request's ids.
func (a *answer) name(clientRequestID string) {
	id := newID()
	a.header.Set("Request-Id", id)
	a.header.Set("Client-Request-Id", clientRequestID)
	if a.code == "" {
		return
	}
	a.header.Set("Content-Type", "application/json")
	a.body, _ = json.Marshal(Object{"error": Object{
		"code": a.code, "message": a.message,
		"innerError": Object{
			"date": time.Now().UTC().Format("2006-01-02T15:04:05"), "request-id": id, "client-request-id": clientRequestID,
		},
	}}) // strings can always be encoded
}

// newID is a random GUID.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
