package redact_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"byoe/redact"
)

func TestSecretShowsInNoWay(t *testing.T) {
	t.Parallel()
	secret := redact.NewSecret("hunter2")
	holder := struct{ Key redact.Secret }{secret}
	// In a field that is not exported fmt asks no method of the value's.
	hidden := struct{ key redact.Secret }{secret}
	deeper := struct{ hidden any }{&hidden}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "key", secret, "holder", holder)
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "key", secret, "holder", holder)
	encoded, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	shown := []string{log.String(), string(encoded), secret.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
		for _, value := range []any{secret, &secret, holder, &holder, hidden, &hidden, deeper, &deeper, []any{hidden}, map[string]any{"k": hidden}} {
			shown = append(shown, fmt.Sprintf(verb, value))
		}
	}
	for _, text := range shown {
		if strings.Contains(text, "hunter2") || strings.Contains(strings.ToLower(text), fmt.Sprintf("%x", "hunter2")) {
			t.Errorf("shown in %s", text)
		}
	}
	if secret.Reveal() != "hunter2" || secret.IsZero() {
		t.Error("the value is lost")
	}
}

func TestEmptySecretShowsAsEmpty(t *testing.T) {
	t.Parallel()
	var secret redact.Secret
	if got := fmt.Sprintf("%v%s", secret, secret); got != "" || !secret.IsZero() {
		t.Errorf("not set shows as %q", got)
	}
	if err := secret.UnmarshalText([]byte("x")); err != nil || secret.Reveal() != "x" || secret.String() != redact.Mask {
		t.Errorf("after UnmarshalText: %v, %v", secret, err)
	}
}
