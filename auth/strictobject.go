package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// errNotStrict says that a JSON object is not as RFC 7515 and RFC 7519 want it. It never quotes the object.
var errNotStrict = errors.New("not a strict JSON object")

// maxMembers bounds the members of one object. Entra's tokens have some twenty.
const maxMembers = 128

// member is one name and its value as it stands in the object.
type member struct {
	name, value []byte
}

// strictObject is the members of one JSON object, in their order.
type strictObject []member

// parseStrict reads one JSON object and refuses a second member of one name: of two aud claims one reader takes the
// first and another the last (RFC 7519, section 4). Names are compared letter by letter, unlike encoding/json's, and one
// that is written with an escape is refused, so that no two spellings are one name. So is what is not UTF-8 (RFC 8259,
// section 8.1): encoding/json reads every broken byte as the same character.
//
// The grammar is checked by encoding/json first; what follows only finds where a valid object's members begin and end. A
// decoder that walks token by token costs half as much as the signature itself.
func parseStrict(raw []byte) (strictObject, error) {
	if !json.Valid(raw) {
		return nil, errNotStrict
	}
	return parseValid(raw)
}

// parseValid is parseStrict for what encoding/json has found valid already.
func parseValid(raw []byte) (strictObject, error) {
	raw = trimSpace(raw)
	if !utf8.Valid(raw) || raw[0] != '{' {
		return nil, errNotStrict
	}
	object := make(strictObject, 0, 24)
	rest := trimSpace(raw[1:])
	for rest[0] != '}' {
		var m member
		m, rest = cutMember(rest)
		if bytes.IndexByte(m.name, '\\') >= 0 || object.get(string(m.name)) != nil || len(object) == maxMembers {
			return nil, errNotStrict
		}
		object = append(object, m)
		if rest[0] == ',' {
			rest = trimSpace(rest[1:])
		}
	}
	return object, nil
}

// get returns a member's value, nil where there is none.
func (o strictObject) get(name string) []byte {
	for _, m := range o {
		if string(m.name) == name {
			return m.value
		}
	}
	return nil
}

// cutMember takes one member off valid JSON; what is left begins with the comma or brace behind it.
func cutMember(valid []byte) (m member, rest []byte) {
	end := stringEnd(valid)
	m.name = valid[1 : end-1]
	valid = trimSpace(trimSpace(valid[end:])[1:]) // behind the colon
	end = valueEnd(valid)
	m.value = bytes.TrimRight(valid[:end], " \t\r\n")
	return m, valid[end:]
}

// valueEnd is where a value that stands inside an object ends: at the comma or brace that is not its own.
func valueEnd(valid []byte) int {
	depth := 0
	for i := 0; i < len(valid); i++ {
		switch valid[i] {
		case '"':
			i += stringEnd(valid[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
		case ',':
			if depth == 0 {
				return i
			}
		}
	}
	return len(valid)
}

// stringEnd is the offset behind the closing quote of the string that valid begins with.
func stringEnd(valid []byte) int {
	for i := 1; i < len(valid); i++ {
		switch valid[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(valid)
}

// trimSpace cuts JSON's white space (RFC 8259, section 2).
func trimSpace(b []byte) []byte { return bytes.Trim(b, " \t\r\n") }
