package standin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
)

var errNotTheProtocol = errors.New("the handler's answer is not of the JSON protocol")

// callJSON speaks the host's own protocol: POST /<function> with Data and Metadata, whatever the client asked for.
func (h *Host) callJSON(w http.ResponseWriter, r *http.Request, call invocation) {
	payload, err := jsonPayload(r, call.function)
	if err != nil {
		h.fail(w, call, err)
		return
	}
	answer, err := h.exchangeJSON(payload, call)
	if err != nil {
		h.fail(w, call, err)
		return
	}
	for _, line := range answer.Logs {
		h.console.add(Line{Level: Information, Text: line})
	}
	answer.write(w, call.function.output)
}

func (h *Host) exchangeJSON(payload []byte, call invocation) (jsonAnswer, error) {
	target := "http://" + call.handler.address + "/" + call.function.name
	out, err := http.NewRequestWithContext(call.ctx, http.MethodPost, target, bytes.NewReader(payload))
	if err != nil {
		return jsonAnswer{}, err
	}
	out.Header.Set("Content-Type", "application/json; charset=utf-8")
	out.Header.Set("User-Agent", "Azure-Functions-Host/"+hostVersion)
	stamp(out.Header, call.id, http.Header.Set)
	response, err := h.transport.RoundTrip(out)
	if err != nil {
		return jsonAnswer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return jsonAnswer{}, fmt.Errorf("the handler answered %d", response.StatusCode)
	}
	media, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return jsonAnswer{}, errNotTheProtocol
	}
	var answer jsonAnswer
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return jsonAnswer{}, errNotTheProtocol
	}
	return answer, nil
}
