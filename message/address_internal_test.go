package message

import "testing"

// net/mail refuses these outside quotes; this is the door behind it, should it take more one day.
func TestCharactersThatNeedQuotes(t *testing.T) {
	t.Parallel()
	for _, r := range "\"(),:;<>@[\\] \t\r\n\x00\u00a0\u202e\u200b\ufeff\ue000" {
		if !forbiddenInLocalPart(r) {
			t.Errorf("%q is allowed", r)
		}
	}
	for _, r := range "aZ09.!#$%&'*+-/=?^_`{|}~é用ą́" {
		if forbiddenInLocalPart(r) {
			t.Errorf("%q is refused", r)
		}
	}
}
