// Package shape logs what Entra's calls look like and nothing of what they say: names, JSON types, framing, and whether a
// call repeats an earlier one. Microsoft documents neither the framing nor what a retry keeps; one owner's log settles it.
package shape

import (
	"log/slog"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"

	"byoe/event"
)

// Recorder writes one line a genuine call. It is safe for concurrent use.
type Recorder struct {
	logger *slog.Logger
	memory *memory
}

// New makes a recorder.
func New(logger *slog.Logger) *Recorder { return &Recorder{logger: logger, memory: newMemory()} }

// Witness writes the line of a call whose token was accepted. The event is nil where the body is none.
func (r *Recorder) Witness(req *http.Request, body []byte, e *event.Event) {
	members, isJSON := membersOf(body)
	attrs := []slog.Attr{
		slog.String("protocol", plainProtocol(req.Proto)), slog.String("framing", framing(req)), slog.String("mediaType", mediaType(req.Header)),
		slog.Any("headers", headerNames(req.Header)), slog.Bool("json", isJSON), slog.Any("members", members),
	}
	if e != nil {
		attrs = append(attrs, r.memory.compare(e)...)
	}
	r.logger.LogAttrs(req.Context(), slog.LevelInfo, "shape", attrs...)
}

// plainProtocol knows the protocols that exist: the text is the caller's.
func plainProtocol(protocol string) string {
	if slices.Contains([]string{"HTTP/1.0", "HTTP/1.1", "HTTP/2.0"}, protocol) {
		return protocol
	}
	return "other"
}

// framing says how the body's end was told. Under the Functions host it is what the host made of it.
func framing(req *http.Request) string {
	switch {
	case req.ContentLength < 0:
		return "chunked"
	case req.ContentLength == 0:
		return "no body"
	default:
		return "content-length"
	}
}

// mediaType is the content type with the names of its parameters; of values only a charset that everybody writes.
func mediaType(header http.Header) string {
	kind, parameters, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return "unreadable"
	}
	if kind != "application/json" {
		kind = "other"
	}
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		value := "masked"
		if name == "charset" && strings.EqualFold(parameters[name], "utf-8") {
			value = parameters[name]
		}
		kind += "; " + plainName(name) + "=" + value
	}
	return kind
}

// maxHeaders bounds the header names of a line.
const maxHeaders = 64

// headerNames are sorted, in net/http's casing: how they were written is lost on the way.
func headerNames(header http.Header) []string {
	names := make([]string, 0, len(header))
	for name := range header {
		names = append(names, plainName(name))
	}
	slices.Sort(names)
	return names[:min(len(names), maxHeaders)]
}
