package hosttest

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
)

// otpEvent is an EmailOtpSend event and what must be seen of it nowhere but in the mail.
type otpEvent struct {
	body, address, code string
}

// sampleEvent is samples/sign-up.json as it is.
func sampleEvent(t *testing.T) otpEvent {
	t.Helper()
	content, err := fs.ReadFile(os.DirFS(Root(t)), "samples/sign-up.json")
	if err != nil {
		t.Fatal(err)
	}
	var parsed struct {
		Data struct {
			OTPContext struct{ Identifier, OneTimeCode string } `json:"otpContext"`
		} `json:"data"`
	}
	if err := json.Unmarshal(content, &parsed); err != nil {
		t.Fatal(err)
	}
	context := parsed.Data.OTPContext
	if context.Identifier == "" || context.OneTimeCode == "" {
		t.Fatal("samples/sign-up.json has no address or no code")
	}
	return otpEvent{body: string(content), address: context.Identifier, code: context.OneTimeCode}
}

// newEvent is the sample for another person, with another code. The code is of letters, so that it cannot turn up in a
// log by chance, as eight digits do among nanoseconds.
func newEvent(t *testing.T) otpEvent {
	t.Helper()
	sample := sampleEvent(t)
	made := otpEvent{
		address: strings.ToLower(rand.Text()[:12]) + "@example.com",
		code:    rand.Text()[:8],
	}
	const correlation = "3333dddd-44ee-ffff-aa55-bbbbbbbb6666"
	if !strings.Contains(sample.body, correlation) {
		t.Fatal("samples/sign-up.json has another correlation id")
	}
	made.body = strings.NewReplacer(
		sample.address, made.address, sample.code, made.code, correlation, newGUID(),
	).Replace(sample.body)
	return made
}

func newGUID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
