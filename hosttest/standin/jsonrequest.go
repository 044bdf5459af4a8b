package standin

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
)

// jsonPayload describes the request in the JSON protocol. A chunked body is left out, in silence: the host copies one
// only when its length is known.
func jsonPayload(r *http.Request, target function) ([]byte, error) {
	header := r.Header.Clone()
	header.Set("Host", r.Host)
	if len(r.TransferEncoding) > 0 {
		header["Transfer-Encoding"] = r.TransferEncoding
	}
	query := r.URL.Query()
	request := map[string]any{
		"Url": "http://" + r.Host + r.URL.RequestURI(), "Method": r.Method, "Query": mapValues(query, allOf),
		"Headers": header, "Params": map[string]string{}, "Identities": []any{},
	}
	metadata := map[string]any{}
	if r.ContentLength > 0 {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		request["Body"] = bodyText(body, r.Header.Get("Content-Type"))
		spread(metadata, body)
	}
	for key, values := range query {
		metadata[key] = quoted(lastOf(values))
	}
	metadata["Query"] = mapValues(query, lastOf)
	metadata["Headers"] = mapValues(header, lastOf)
	metadata["sys"] = map[string]string{
		"MethodName": target.name, "UtcNow": time.Now().UTC().Format(time.RFC3339Nano), "RandGuid": newID(),
	}
	return json.Marshal(map[string]any{"Data": map[string]any{target.trigger: request}, "Metadata": metadata})
}

func allOf(values []string) string { return strings.Join(values, ",") }

func lastOf(values []string) string { return values[len(values)-1] }

func mapValues(from map[string][]string, pick func([]string) string) map[string]string {
	to := make(map[string]string, len(from))
	for key, values := range from {
		to[key] = pick(values)
	}
	return to
}

// bodyText is the body as a string; binary types are in base64.
func bodyText(body []byte, contentType string) string {
	media, _, err := mime.ParseMediaType(contentType)
	if err == nil && (media == "application/octet-stream" || strings.HasPrefix(media, "multipart/")) {
		return base64.StdEncoding.EncodeToString(body)
	}
	return string(body)
}

// spread doubles the top-level properties of a JSON body in the metadata: objects as they are, strings, numbers and
// booleans as a string that holds a JSON string, arrays and null not at all.
func spread(metadata map[string]any, body []byte) {
	properties := map[string]any{}
	if json.Unmarshal(body, &properties) != nil {
		return
	}
	for name, value := range properties {
		switch value := value.(type) {
		case map[string]any:
			metadata[name] = value
		case bool:
			metadata[name] = quoted(strings.ToUpper(fmt.Sprint(value)[:1]) + fmt.Sprint(value)[1:])
		case string, float64:
			metadata[name] = quoted(fmt.Sprint(value))
		}
	}
}

func quoted(text string) string {
	encoded, _ := json.Marshal(text) // a string always has an encoding
	return string(encoded)
}
