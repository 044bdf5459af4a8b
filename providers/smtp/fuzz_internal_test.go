package smtp

import (
	"net/textproto"
	"regexp"
	"strings"
	"testing"

	"byoe/providers"
)

// Whatever the server replies, wherever, the failure has a code that is fit for a log, is never ambiguous (a reply is an
// answer), and a recipient is condemned by a permanent reply alone.
func FuzzReply(f *testing.F) {
	for _, text := range []string{"5.1.1 no such user", "4.7.1 greylisted", "2.0.0 Ok: queued as 4Fx2", "Ok id=1rX-1", "5.1.1", "999.1.1", "person@example.org"} {
		for _, code := range []int{250, 354, 421, 450, 451, 454, 535, 550, 552, 554, 556} {
			f.Add(code, text)
		}
	}
	f.Fuzz(func(t *testing.T, code int, text string) {
		for at := stageGreeting; at <= stageContent; at++ {
			failure := refused(&textproto.Error{Code: code, Msg: text}, at)
			if failure.Kind == providers.KindAmbiguous || failure.Kind == providers.KindInvalidAddress && code < 500 {
				t.Errorf("%d %q at %d is %v", code, text, at, failure.Kind)
			}
			if !regexp.MustCompile(`^-?[0-9]+( [0-9]\.[0-9]{1,3}\.[0-9]{1,3})?$`).MatchString(failure.Code) {
				t.Errorf("%d %q at %d has the code %q", code, text, at, failure.Code)
			}
		}
		if id := queueID(text); providers.MessageID(id) != id || strings.ContainsAny(id, " @") {
			t.Errorf("%q has the id %q", text, id)
		}
	})
}
