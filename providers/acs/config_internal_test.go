package acs

import (
	"bytes"
	"testing"
)

// The portal shows the string in one spelling; hands and scripts pass it on in others. A key ends with '=' and keeps it.
func TestSpellingsOfAConnectionString(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"endpoint=https://a.example/;accesskey=a2V5cw==",
		"endpoint=https://a.example;accesskey=a2V5cw==;",
		"accesskey=a2V5cw==;endpoint=https://a.example//",
		" Endpoint = https://a.example/ ; AccessKey = a2V5cw== ",
		";;ENDPOINT=https://a.example;ACCESSKEY=a2V5cw==;more=x",
	} {
		a, problems := parseConnection(text)
		if len(problems) != 0 || a.endpoint != "https://a.example" || !bytes.Equal(a.key, []byte("keys")) {
			t.Errorf("%q is %q with the key %q and %v", text, a.endpoint, a.key, problems)
		}
	}
}
