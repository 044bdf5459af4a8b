package auth

import (
	"encoding/json"
	"testing"
)

func TestStrictObjectFindsItsMembers(t *testing.T) {
	t.Parallel()
	object, err := parseStrict([]byte(" { \"a\" : \"x\\\"},\" , \"b\":[1,{\"a\":2}],\n\"c\":{\"a\":{}} ,\"\":null , \"d\": -1e3}\n"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a": `"x\"},"`, "b": `[1,{"a":2}]`, "c": `{"a":{}}`, "": "null", "d": "-1e3"} {
		if got := string(object.get(name)); got != want {
			t.Errorf("%q is %s, want %s", name, got, want)
		}
	}
	if object.get("e") != nil || len(object) != 5 {
		t.Errorf("%d members", len(object))
	}
}

func TestStrictObjectRefuses(t *testing.T) {
	t.Parallel()
	many := map[string]int{}
	for i := range maxMembers + 1 {
		many[string(rune('a'+i%26))+string(rune('a'+i/26))] = i
	}
	tooMany, err := json.Marshal(many)
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string]string{
		"nothing": "", "a list": "[]", "a text": `"{}"`, "half": `{"a":1`, "two": "{}{}", "more": "{} x", "no quotes": "{a:1}",
		"a comma too many": `{"a":1,}`, "one name twice": `{"a":1,"b":2,"a":1}`, "one name in two spellings": `{"a":1,"\u0061":2}`, "an escaped name": `{"\u0061":2}`,
		"too many members": string(tooMany),
	} {
		if object, err := parseStrict([]byte(raw)); err == nil {
			t.Errorf("%s: read as %d members", name, len(object))
		}
	}
}

// FuzzStrictObject compares with encoding/json: whatever parseStrict takes, encoding/json reads the same members in.
func FuzzStrictObject(f *testing.F) {
	f.Add([]byte(`{"aud":"x","exp":1,"list":[1,"}"],"deep":{"a":{"b":"\""}}}`))
	f.Add([]byte(` { } `))
	f.Add([]byte(`{"a":1,"a":2}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		object, err := parseStrict(raw)
		var want map[string]json.RawMessage
		wantErr := json.Unmarshal(raw, &want)
		if err != nil {
			return
		}
		if wantErr != nil || len(want) != len(object) {
			t.Fatalf("%q: read as %d members, encoding/json: %d, %v", raw, len(object), len(want), wantErr)
		}
		for _, m := range object {
			var name string
			if json.Unmarshal([]byte(`"`+string(m.name)+`"`), &name) != nil || string(want[name]) != string(m.value) {
				t.Fatalf("%q: %q is %q, encoding/json says %q", raw, name, m.value, want[name])
			}
		}
	})
}
