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
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "key", secret, "holder", holder)
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "key", secret, "holder", holder)
	encoded, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	shown := []string{log.String(), string(encoded), secret.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
		shown = append(shown, fmt.Sprintf(verb, secret), fmt.Sprintf(verb, holder), fmt.Sprintf(verb, &secret))
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
