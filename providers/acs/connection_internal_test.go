package acs

import (
	"testing"

	"byoe/redact"
)

// What is taken has an endpoint to which a key may be sent, and a key; what is not has a problem, and none quotes.
func FuzzConnection(f *testing.F) {
	for _, text := range []string{
		"endpoint=https://a.example/;accesskey=c2VjcmV0", "accesskey=c2VjcmV0==;endpoint=http://127.0.0.1:1", "endpoint=;accesskey=", ";;=;", "endpoint=https://a.example\n;accesskey=x",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, problems := Config{ConnectionString: redact.NewSecret(text)}.account()
		if text != "" && len(problems) == 0 && (a.endpoint == "" || len(a.key) == 0) {
			t.Errorf("%q was taken as %q with a key of %d bytes", text, a.endpoint, len(a.key))
		}
	})
}
