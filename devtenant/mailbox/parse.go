package mailbox

import (
	"mime"
	"net/mail"
	"strings"
)

// parse takes a mail apart as far as it can be: what does not decode is named in Problem and stays readable in Raw.
func parse(raw string) Mail {
	head, body := splitHead(raw)
	fields := parseFields(head)
	parts := readParts(fields, body)

	decoded := decodeFields(fields)
	parsed := Mail{
		From:    from(fields),
		Subject: first(decoded, "Subject"),
		Text:    parts.text,
		HTML:    parts.html,
		Headers: decoded,
		Raw:     raw,
		Problem: parts.problem,
	}
	parsed.Code = firstCode(parsed.Subject, parsed.Text)
	return parsed
}

// splitHead cuts the mail at the first empty line. Lines may end in LF alone: a mail that was stored in a file comes so.
func splitHead(raw string) (head, body string) {
	end := 0
	for end < len(raw) {
		line, _, _ := strings.Cut(raw[end:], "\n")
		next := min(end+len(line)+1, len(raw))
		if strings.TrimSuffix(line, "\r") == "" {
			return raw[:end], raw[next:]
		}
		end = next
	}
	return raw, ""
}

// parseFields unfolds the header (RFC 5322, section 2.2.3) and keeps its order, which net/mail's map loses. A line that
// is no field is dropped here and stays visible in Raw.
func parseFields(head string) []Header {
	var fields []Header
	for line := range strings.Lines(head) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") {
			if len(fields) > 0 {
				fields[len(fields)-1].Value += " " + strings.TrimSpace(line)
			}
			continue
		}
		name, value, isField := strings.Cut(line, ":")
		if isField {
			fields = append(fields, Header{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value)})
		}
	}
	return fields
}

// decodeFields decodes the encoded words (RFC 2047) of every field and makes each valid UTF-8.
func decodeFields(fields []Header) []Header {
	decoded := make([]Header, len(fields))
	for i, field := range fields {
		decoded[i] = Header{Name: valid(field.Name), Value: decodeWords(field.Value)}
	}
	return decoded
}

// decodeWords returns the value as it is where it names a character set that we do not know.
func decodeWords(value string) string {
	words := mime.WordDecoder{}
	decoded, err := words.DecodeHeader(value)
	if err != nil {
		return valid(value)
	}
	return valid(decoded)
}

// from returns "Name <address>", or the decoded field where it is no address: encoded words are decoded after the
// address was parsed, or a comma inside of one would look like a separator.
func from(fields []Header) string {
	value := first(fields, "From")
	address, err := mail.ParseAddress(value)
	if err != nil {
		return decodeWords(value)
	}
	if address.Name == "" {
		return valid(address.Address)
	}
	return valid(address.Name + " <" + address.Address + ">")
}

// first returns the value of the first field of that name, or "".
func first(fields []Header, name string) string {
	for _, field := range fields {
		if strings.EqualFold(field.Name, name) {
			return field.Value
		}
	}
	return ""
}

// valid makes text fit for JSON and pages.
func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }
