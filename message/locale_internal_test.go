package message

import (
	"fmt"
	"testing"

	"golang.org/x/text/language"
)

func TestWishesAreRememberedWithinABound(t *testing.T) {
	t.Parallel()
	l, ok := newLanguages([]*catalogue{{tag: language.English}, {tag: language.Japanese}}, "en")
	if !ok {
		t.Fatal("no chooser")
	}
	for n := range 2 * maxKnown {
		if got := l.choose(fmt.Sprintf("xx-%03d", n%1000), "ja-jp"); got != 1 {
			t.Fatalf("wish %d is answered with %d", n, got)
		}
	}
	if n := len(l.known); n != maxKnown {
		t.Errorf("%d wishes are remembered, want %d", n, maxKnown)
	}
	// What is remembered is what was found, and what is not remembered is found all the same.
	for range 2 {
		if known, fresh := l.choose("ja", ""), l.choose("ja-x-late", ""); known != 1 || fresh != 1 {
			t.Errorf("ja is %d, ja-x-late is %d", known, fresh)
		}
	}
}

// A wish that cannot be fulfilled is asked for as often as one that can.
func TestWhatCannotBeFulfilledIsRememberedToo(t *testing.T) {
	t.Parallel()
	l, _ := newLanguages([]*catalogue{{tag: language.English}}, "en")
	l.choose("zz", "en")
	if known, found := l.known["zz"]; !found || known.ok {
		t.Errorf("remembered is %v, %v", known, found)
	}
}
