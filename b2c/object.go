package b2c

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// read takes the claims that we know out of one JSON object, by our names. It goes through the object itself: a map would
// keep the last of two claims of one name, and another reader in front of us the first.
func (d *Decoder) read(body []byte) (map[string]string, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	notJSON := func() error {
		return &Error{Problem: fmt.Sprintf("not one JSON object near byte %d", decoder.InputOffset())}
	}
	if opening, err := decoder.Token(); err != nil || opening != json.Delim('{') {
		return nil, notJSON()
	}
	given := map[string]string{}
	for decoder.More() {
		var value json.RawMessage
		key, err := decoder.Token()
		if err == nil {
			err = decoder.Decode(&value)
		}
		name, isName := key.(string)
		if err != nil || !isName {
			return nil, notJSON()
		}
		if err := d.take(given, name, value); err != nil {
			return nil, err
		}
	}
	if _, err := decoder.Token(); err != nil { // the closing brace: nothing else ends the loop above
		return nil, notJSON()
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, notJSON()
	}
	return given, nil
}

// take keeps a claim that we know. Names are compared without regard to case, as those of Entra's event are. A number is
// refused because it has lost the code's leading zeros; null is as good as no claim.
func (d *Decoder) take(given map[string]string, name string, value json.RawMessage) error {
	for ours, theirs := range d.names {
		if !strings.EqualFold(theirs, name) {
			continue
		}
		var text *string
		if json.Unmarshal(value, &text) != nil {
			return &Error{Claim: theirs, Problem: "must be a JSON string"}
		}
		if text == nil {
			return nil
		}
		if before, repeated := given[ours]; repeated && before != *text {
			return &Error{Claim: theirs, Problem: "given twice with different values"}
		}
		given[ours] = *text
	}
	return nil
}
