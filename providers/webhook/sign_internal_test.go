package webhook

import (
	"testing"

	"byoe/redact"
)

// The vector that the reference libraries of Standard Webhooks test with.
func TestPublishedSignature(t *testing.T) {
	t.Parallel()
	key, err := (Config{Secret: redact.NewSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")}).key()
	if err != nil {
		t.Fatal(err)
	}
	got := sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("signature is %q, want %q", got, want)
	}
}
