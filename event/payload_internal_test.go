package event

import (
	"encoding/json"
	"testing"
)

// FuzzText holds the short way against the long one: both must read the same out of whatever is valid.
func FuzzText(f *testing.F) {
	for _, raw := range []string{`"02345678"`, `""`, `"\""`, `"a\u0062"`, `null`, `1`, `{}`, `["a"]`, "\"\xff\"", `"\\"`, `"é"`} {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		// encoding/json hands over one valid value without white space around it.
		var value json.RawMessage
		if json.Unmarshal(raw, &value) != nil || len(value) == 0 {
			return
		}
		var want string
		wantErr := json.Unmarshal(value, &want)
		got, ok := text(value)
		if ok != (wantErr == nil) || ok && got != want {
			t.Errorf("%q is read as %q, %v; encoding/json reads %q, %v", value, got, ok, want, wantErr)
		}
	})
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	const long = "0123456789012345678901234567890123456789012345678901234567890123"
	for word, want := range map[string]string{
		"en-us": "en-us", "a\nb\x7f": "ab", "é-ü": "-", "\xff": "", long: long, long + "4": long, "é" + long + "5": long,
	} {
		if got := Printable(word); got != want {
			t.Errorf("%q is %q, want %q", word, got, want)
		}
	}
}
