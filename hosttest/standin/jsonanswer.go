package standin

import (
	"encoding/json"
	"io"
	"net/http"
)

// jsonAnswer is what the handler answers in the JSON protocol.
type jsonAnswer struct {
	Outputs map[string]json.RawMessage
	Logs    []string
}

type jsonOutput struct {
	StatusCode int               `json:"statusCode"`
	Body       json.RawMessage   `json:"body"`
	Headers    map[string]string `json:"headers"`
}

// write maps the HTTP output to the answer. Without one the caller gets 204, however the handler fared.
func (a jsonAnswer) write(w http.ResponseWriter, output string) {
	raw, found := a.Outputs[output]
	if !found {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	parsed := jsonOutput{StatusCode: http.StatusOK}
	if json.Unmarshal(raw, &parsed) != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	for name, value := range parsed.Headers {
		w.Header().Set(name, value)
	}
	w.WriteHeader(parsed.StatusCode)
	var text string
	if json.Unmarshal(parsed.Body, &text) == nil {
		_, _ = io.WriteString(w, text)
		return
	}
	_, _ = w.Write(parsed.Body)
}
