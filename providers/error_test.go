package providers_test

import (
	"errors"
	"fmt"
	"testing"

	"byoe/message"
	"byoe/providers"
)

func TestErrorTellsKindAndCodeAndNotItsCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("550 no such user ann@example.com")
	err := fmt.Errorf("attempt: %w", &providers.Error{Kind: providers.KindInvalidAddress, Code: "550 5.1.1", Cause: cause})
	if got, want := err.Error(), "attempt: invalid-address (550 5.1.1)"; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	if !errors.Is(err, cause) || providers.KindOf(err) != providers.KindInvalidAddress {
		t.Error("kind or cause cannot be found")
	}
	if got := (&providers.Error{Kind: providers.KindAuth}).Error(); got != "auth" {
		t.Errorf("without a code it says %q", got)
	}
}

func TestWhatNobodyClassifiedIsAmbiguous(t *testing.T) {
	t.Parallel()
	if got := providers.KindOf(errors.New("x")); got != providers.KindAmbiguous {
		t.Errorf("an unknown error is %s", got)
	}
}

func TestSubmissionHeaders(t *testing.T) {
	t.Parallel()
	s := providers.Submission{ID: "id", Message: &message.Message{Headers: []message.Header{{Name: "A", Value: "a"}}}}
	if got := fmt.Sprint(s.Headers()); got != "[{A a} {X-Entity-Ref-ID id}]" {
		t.Errorf("headers are %s", got)
	}
	s.Headers()[0].Value = "changed"
	if s.Message.Headers[0].Value != "a" {
		t.Error("the shared message was changed")
	}
}
