package standin

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

var errChunked = errors.New(
	"'Transfer-Encoding: chunked' header can not be used when content object is not specified")

// forward rebuilds the request and buffers the answer: the host's older way. The body is copied only when its length is
// known, so a chunked request fails; a client that goes away is not felt by the handler.
func (h *Host) forward(w http.ResponseWriter, r *http.Request, call invocation) {
	if r.ContentLength < 0 {
		h.fail(w, call, errChunked)
		return
	}
	body := io.Reader(http.NoBody)
	if r.ContentLength > 0 {
		body = r.Body
	}
	target := url.URL{Scheme: "http", Host: call.handler.address, Path: r.URL.Path, RawQuery: collapseQuery(r.URL.RawQuery)}
	out, err := http.NewRequestWithContext(call.ctx, r.Method, target.String(), body)
	if err != nil {
		h.fail(w, call, err)
		return
	}
	out.ContentLength = r.ContentLength
	out.Host = r.Host
	out.Header = forwardedHeader(r, call.id)
	response, err := h.transport.RoundTrip(out)
	if err != nil {
		h.fail(w, call, err)
		return
	}
	defer func() { _ = response.Body.Close() }()
	buffered, err := io.ReadAll(response.Body)
	if err != nil {
		h.fail(w, call, err)
		return
	}
	copyHeader(w.Header(), response.Header)
	w.Header().Set("Content-Length", strconv.Itoa(len(buffered)))
	w.WriteHeader(response.StatusCode)
	_, _ = w.Write(buffered) // the client may be gone; nobody else is told
}

// contentHeaders are what .NET keeps on the content and not on the request. The host copies the content's type and
// length and forgets the others, Content-Encoding among them, without decoding the body.
func contentHeaders() []string {
	return []string{
		"Allow", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Length", "Content-Location",
		"Content-Md5", "Content-Range", "Content-Type", "Expires", "Last-Modified",
	}
}

// forwardedHeader is the client's header as the handler sees it under forwarding.
func forwardedHeader(r *http.Request, id string) http.Header {
	header := r.Header.Clone()
	for _, name := range contentHeaders() {
		header.Del(name)
	}
	if contentType := r.Header.Get("Content-Type"); contentType != "" && r.ContentLength > 0 {
		header.Set("Content-Type", contentType)
	}
	agent := strings.TrimSpace(r.UserAgent() + " Azure-Functions-Host/" + hostVersion)
	header.Set("User-Agent", agent)
	stamp(header, id, appendValue)
	return header
}

// appendValue adds to a value that the client has set: the handler sees "fake, <id>".
func appendValue(header http.Header, name, value string) {
	if given := header.Get(name); given != "" {
		value = given + ", " + value
	}
	header.Set(name, value)
}

// collapseQuery rebuilds a query as the host does: values of one key, in any case, are joined by a comma, a bare key
// gets "=", and everything is escaped anew.
func collapseQuery(raw string) string {
	var keys []string
	var values [][]string
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		escapedKey, escapedValue, _ := strings.Cut(pair, "=")
		key, value := unescape(escapedKey), unescape(escapedValue)
		at := slices.IndexFunc(keys, func(known string) bool { return strings.EqualFold(known, key) })
		if at < 0 {
			at = len(keys)
			keys, values = append(keys, key), append(values, nil)
		}
		if len(values[at]) == 1 {
			keys[at] = key // the second spelling is the one that stays
		}
		values[at] = append(values[at], escape(value))
	}
	for i, key := range keys {
		keys[i] = escape(key) + "=" + strings.Join(values[i], ",")
	}
	return strings.Join(keys, "&")
}

// unescape leaves alone what is no valid escape.
func unescape(text string) string {
	plain, err := url.QueryUnescape(text)
	if err != nil {
		return text
	}
	return plain
}

func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// copyHeader adds the handler's header to the answer but for what belongs to its own connection.
func copyHeader(to, from http.Header) {
	for name, values := range from {
		if !slices.Contains([]string{"Connection", "Keep-Alive", "Transfer-Encoding"}, name) {
			to[name] = slices.Clone(values)
		}
	}
}
