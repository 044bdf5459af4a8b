package mailjet

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"byoe/providers"
	"byoe/providers/httpclient"
)

// verdict is what became of one message.
type verdict struct {
	Status string
	To     []struct {
		MessageUUID string
		MessageID   int64
	}
	Errors []complaint
}

// complaint is one error. Its ErrorMessage is not even read: it quotes addresses.
type complaint struct {
	ErrorCode      string
	StatusCode     int
	ErrorRelatedTo []string
}

// messageID is the id by which Mailjet's API and dashboard know the mail; none in sandbox mode.
func (v verdict) messageID() string {
	switch {
	case len(v.To) == 0:
		return ""
	case v.To[0].MessageID != 0:
		return strconv.FormatInt(v.To[0].MessageID, 10)
	default:
		return providers.MessageID(v.To[0].MessageUUID)
	}
}

// verdictIn reads the one message's verdict out of an answer.
func verdictIn(answer httpclient.Answer) (verdict, bool) {
	var body struct{ Messages []verdict }
	if json.Unmarshal(answer.Body, &body) != nil || len(body.Messages) != 1 {
		return verdict{}, false
	}
	return body.Messages[0], true
}

// complaintIn finds the error: the message's, or the one of a request that Mailjet did not look into.
func complaintIn(answer httpclient.Answer) complaint {
	if v, ok := verdictIn(answer); ok && len(v.Errors) > 0 {
		return v.Errors[0]
	}
	var c complaint
	_ = json.Unmarshal(answer.Body, &c) // an answer of another shape has no complaint
	return c
}

// failureOf classifies an answer that does not accept the mail (Mailjet's guide to the Send API, errors). A 200 that holds an
// error has the error's own status. Only a known code may stand in an error's text.
func failureOf(answer httpclient.Answer) *providers.Error {
	c := complaintIn(answer)
	kind, known := kindOfCode(c)
	switch {
	case known && answer.Status < http.StatusInternalServerError:
		return answer.Failure(kind, c.ErrorCode)
	case answer.Status == http.StatusOK && c.StatusCode >= http.StatusBadRequest && c.StatusCode <= 599:
		failure := answer.Failure(httpclient.KindOfStatus(c.StatusCode), "")
		failure.Code += " " + strconv.Itoa(c.StatusCode)
		return failure
	default:
		return answer.Failure(httpclient.KindOfStatus(answer.Status), "")
	}
}

// kindOfCode: an address of a wrong form is the recipient's only where Mailjet points at it, because that stops the failing
// over.
func kindOfCode(c complaint) (kind providers.Kind, known bool) {
	switch c.ErrorCode {
	case "mj-0001", "mj-0015": // key suspended, credentials refused
		return providers.KindAuth, true
	case "mj-0013":
		if len(c.ErrorRelatedTo) > 0 && !slices.ContainsFunc(c.ErrorRelatedTo, notAboutRecipient) {
			return providers.KindInvalidAddress, true
		}
		return providers.KindConfig, true
	case "mj-0002", "mj-0003", "mj-0004", "mj-0005", "mj-0006", "mj-0007", "mj-0008", "mj-0009", "mj-0010", "mj-0011", "mj-0012",
		"send-0003", "send-0004", "send-0006", "send-0007", "send-0008", "send-0010", "send-0011", "send-0012", "send-0013",
		"send-0015", "send-0016":
		return providers.KindConfig, true
	default:
		return providers.KindAmbiguous, false
	}
}

// notAboutRecipient: "To[0].Email" and its kin are about the recipient.
func notAboutRecipient(field string) bool {
	return field != "To" && !strings.HasPrefix(field, "To[") && !strings.HasPrefix(field, "To.")
}
