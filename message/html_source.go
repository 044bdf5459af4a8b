package message

import "strings"

// sourceTag is a tag as it stands in a template: pieces are its text between the actions in it, so that the rendered tag can
// be told again.
type sourceTag struct {
	name   string // of an end tag with its slash
	line   int
	pieces []string
}

// sourceTags reads the tags of a template in their order. Comments and actions are passed over: what stands in them is no
// tag of the rendered layout.
func sourceTags(source string) []sourceTag {
	var tags []sourceTag
	for at := 0; at < len(source); {
		switch rest := source[at:]; {
		case strings.HasPrefix(rest, "{{"):
			at += actionLen(rest)
		case strings.HasPrefix(rest, "<!--"):
			end := strings.Index(rest, "-->")
			if end < 0 {
				return tags
			}
			at += end + len("-->")
		case tagName(rest) != "":
			pieces, n := tagPieces(rest)
			tags = append(tags, sourceTag{name: tagName(rest), line: lineAt([]byte(source), at), pieces: pieces})
			at += n
		default:
			at++
		}
	}
	return tags
}

// tagName is the name of the tag that a text begins with, in lower case and for an end tag with its slash, or "".
func tagName(text string) string {
	if len(text) < 2 || text[0] != '<' {
		return ""
	}
	end := 1
	if text[end] == '/' {
		end++
	}
	start := end
	for end < len(text) && isNameByte(text[end], end > start) {
		end++
	}
	if end == start {
		return ""
	}
	return strings.ToLower(text[1:end])
}

func isNameByte(b byte, inside bool) bool {
	letter := b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
	return letter || inside && (b >= '0' && b <= '9' || b == '-' || b == ':')
}

// tagPieces reads the tag that a text begins with. n is its length.
func tagPieces(text string) (pieces []string, n int) {
	var quote byte
	from := 0
	for n < len(text) {
		switch b := text[n]; {
		case strings.HasPrefix(text[n:], "{{"):
			pieces = append(pieces, text[from:n])
			n += actionLen(text[n:])
			from = n
			continue
		case quote == 0 && b == '>':
			return append(pieces, text[from:n+1]), n + 1
		case b == quote:
			quote = 0
		case quote == 0 && (b == '"' || b == '\''):
			quote = b
		}
		n++
	}
	return append(pieces, text[from:]), n
}

// actionLen is the length of the action that a text begins with, strings in it passed over.
func actionLen(text string) int {
	if comment := strings.TrimLeft(strings.TrimPrefix(text[2:], "-"), " \t\r\n"); strings.HasPrefix(comment, "/*") {
		if end := strings.Index(text, "*/"); end >= 0 {
			if closing := strings.Index(text[end:], "}}"); closing >= 0 {
				return end + closing + len("}}")
			}
		}
		return len(text)
	}
	var quote byte
	for n := 2; n < len(text); n++ {
		switch b := text[n]; {
		case quote != 0 && quote != '`' && b == '\\':
			n++
		case quote != 0 && b == quote:
			quote = 0
		case quote != 0:
		case b == '"' || b == '`' || b == '\'':
			quote = b
		case strings.HasPrefix(text[n:], "}}"):
			return n + len("}}")
		}
	}
	return len(text)
}

// becomes says whether a rendered tag can have come of this one.
func (t sourceTag) becomes(raw string) bool {
	last := len(t.pieces) - 1
	if last == 0 {
		return raw == t.pieces[0]
	}
	rest, begins := strings.CutPrefix(raw, t.pieces[0])
	rest, ends := strings.CutSuffix(rest, t.pieces[last])
	if !begins || !ends {
		return false
	}
	for _, piece := range t.pieces[1:last] {
		at := strings.Index(rest, piece)
		if at < 0 {
			return false
		}
		rest = rest[at+len(piece):]
	}
	return true
}

// sourceMap finds the line of a template that a rendered tag comes from. Branches that were not taken are skipped, and a
// defined part may come again; where no tag fits, as with an action that writes half of one, the next of its name counts.
type sourceMap struct {
	source string
	tags   []sourceTag // once a line was asked for
	places []int       // of the rendered tags among them, as far as anybody asked
}

// line is that of the last of the rendered tags, which are the same as before and more.
func (m *sourceMap) line(rendered []string) int {
	if m.tags == nil {
		m.tags = sourceTags(m.source)
	}
	at := -1
	for i, raw := range rendered {
		if i == len(m.places) {
			m.places = append(m.places, nextTag(m.tags, at, raw))
		}
		at = m.places[i]
	}
	if at < 0 {
		return 0
	}
	return m.tags[at].line
}

func nextTag(tags []sourceTag, after int, raw string) int {
	name := tagName(raw)
	for _, fits := range []func(t sourceTag) bool{
		func(t sourceTag) bool { return t.name == name && t.becomes(raw) },
		func(t sourceTag) bool { return t.name == name },
	} {
		for i := range tags { // from the tag behind the last one to the end, and on from the top
			if at := (after + 1 + i) % len(tags); fits(tags[at]) {
				return at
			}
		}
	}
	return after
}
