package shape

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

const (
	// maxMembers bounds the members of a line. The documented event has some forty.
	maxMembers = 128
	// maxDepth bounds the objects and lists inside of each other.
	maxDepth = 12
)

// membersOf lists a JSON document's members in their order as path and type, such as "data.tenantId string", and says
// whether it was read to its end. Nothing of a value is kept, not even its length.
func membersOf(body []byte) (members []string, complete bool) {
	w := &walker{decoder: json.NewDecoder(bytes.NewReader(body)), members: []string{}}
	w.decoder.UseNumber()
	if w.value("", 0) != nil {
		return w.members, false
	}
	_, err := w.decoder.Token()
	return w.members, errors.Is(err, io.EOF)
}

// walker goes through one document.
type walker struct {
	decoder *json.Decoder
	members []string
}

var errTooDeep = errors.New("too deep")

// value reads one value at a path.
func (w *walker) value(path string, depth int) error {
	if depth > maxDepth {
		return errTooDeep
	}
	token, err := w.decoder.Token()
	if err != nil {
		return err
	}
	w.note(path, typeOf(token))
	switch token {
	case json.Delim('{'):
		return w.object(path, depth)
	case json.Delim('['):
		return w.list(path, depth)
	default:
		return nil
	}
}

func (w *walker) object(path string, depth int) error {
	for w.decoder.More() {
		name, err := w.decoder.Token()
		if err != nil {
			return err
		}
		text, _ := name.(string) // a member's name is one
		if err := w.value(join(path, plainName(text)), depth+1); err != nil {
			return err
		}
	}
	_, err := w.decoder.Token()
	return err
}

func (w *walker) list(path string, depth int) error {
	for w.decoder.More() {
		if err := w.value(path+"[]", depth+1); err != nil {
			return err
		}
	}
	_, err := w.decoder.Token()
	return err
}

func (w *walker) note(path, kind string) {
	if path != "" && len(w.members) < maxMembers {
		w.members = append(w.members, path+" "+kind)
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func typeOf(token json.Token) string {
	switch token.(type) {
	case string:
		return "string"
	case json.Number:
		return "number"
	case bool:
		return "boolean"
	case nil:
		return "null"
	}
	if token == json.Delim('[') {
		return "array"
	}
	return "object"
}
