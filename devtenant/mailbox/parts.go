package mailbox

import (
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"strings"
)

// The bounds of a mail's structure: a mail of nested or countless parts costs more to take apart than its size says.
const (
	maxDepth = 10
	maxParts = 100
)

// parts collects what a mail has to read.
type parts struct {
	text, html       string
	hasText, hasHTML bool
	seen             int
	problem          string
}

// readParts walks the MIME structure (RFC 2045, RFC 2046) and keeps the first text/plain and the first text/html.
func readParts(fields []Header, body string) *parts {
	header := textproto.MIMEHeader{}
	for _, name := range []string{"Content-Type", "Content-Transfer-Encoding", "Content-Disposition"} {
		if value := first(fields, name); value != "" {
			header.Set(name, value)
		}
	}
	p := &parts{}
	p.walk(header, strings.NewReader(body), 0)
	return p
}

// walk reads one part, which may hold others.
func (p *parts) walk(header textproto.MIMEHeader, body io.Reader, depth int) {
	p.seen++
	mediaType, parameters, err := mediaTypeOf(header)
	switch {
	case err != nil:
		p.complain("a Content-Type cannot be read")
	case strings.HasPrefix(mediaType, "multipart/"):
		p.walkMultipart(multipart.NewReader(body, parameters["boundary"]), depth)
	case isAttachment(header):
	case mediaType == "text/plain" && !p.hasText:
		p.text, p.hasText = p.read(header, parameters["charset"], body), true
	case mediaType == "text/html" && !p.hasHTML:
		p.html, p.hasHTML = p.read(header, parameters["charset"], body), true
	}
}

// walkMultipart reads the parts inside of one.
func (p *parts) walkMultipart(reader *multipart.Reader, depth int) {
	if depth >= maxDepth {
		p.complain("its parts are nested too deeply")
		return
	}
	for {
		part, err := reader.NextRawPart()                        // raw: NextPart would decode quoted-printable and hide that it was
		if errors.Is(err, io.EOF) && errors.Unwrap(err) == nil { // a wrapped one says that the last boundary is missing
			return
		}
		if err != nil {
			p.complain("a multipart body does not end with its boundary")
			return
		}
		if p.seen >= maxParts {
			p.complain("it has too many parts")
			return
		}
		p.walk(part.Header, part, depth+1)
	}
}

// read decodes a text part.
func (p *parts) read(header textproto.MIMEHeader, charset string, body io.Reader) string {
	octets, err := io.ReadAll(decodeTransfer(header.Get("Content-Transfer-Encoding"), body))
	if err != nil {
		p.complain("a part is cut off or does not decode as its Content-Transfer-Encoding says")
	}
	return strings.ReplaceAll(p.toUTF8(string(octets), charset), "\r\n", "\n")
}

// toUTF8 knows the character sets that every mail program knows; anything else is read as UTF-8 and told.
func (p *parts) toUTF8(text, charset string) string {
	switch strings.ToLower(charset) {
	case "", "utf-8", "us-ascii":
	case "iso-8859-1":
		runes := make([]rune, 0, len(text))
		for _, octet := range []byte(text) {
			runes = append(runes, rune(octet)) // Latin-1's octets are Unicode's first 256 code points
		}
		return string(runes)
	default:
		p.complain("a part is in a character set that this mailbox does not know")
	}
	return valid(text)
}

// complain keeps the first problem: later ones are often its consequences.
func (p *parts) complain(problem string) {
	if p.problem == "" {
		p.problem = problem
	}
}

// mediaTypeOf returns the part's type; text/plain is the default (RFC 2045, section 5.2).
func mediaTypeOf(header textproto.MIMEHeader) (mediaType string, parameters map[string]string, err error) {
	value := header.Get("Content-Type")
	if value == "" {
		return "text/plain", nil, nil
	}
	return mime.ParseMediaType(value)
}

// isAttachment says whether a part is to be saved and not to be shown.
func isAttachment(header textproto.MIMEHeader) bool {
	disposition, _, err := mime.ParseMediaType(header.Get("Content-Disposition"))
	return err == nil && disposition == "attachment"
}

// decodeTransfer undoes the transfer encoding (RFC 2045, section 6); 7bit, 8bit and binary need nothing.
func decodeTransfer(encoding string, body io.Reader) io.Reader {
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	default:
		return body
	}
}
