package locale

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/language"
)

func TestWishesAreRememberedWithinABound(t *testing.T) {
	t.Parallel()
	c, ok := NewChooser([]language.Tag{language.English, language.Japanese}, "en")
	if !ok {
		t.Fatal("no chooser")
	}
	c.Choose("xx-"+strings.Repeat("y", maxKnownWish), "ja-jp")
	for known := range c.known {
		if len(known) > maxKnownWish {
			t.Errorf("%q is remembered", known)
		}
	}
	for n := range 2 * maxKnown {
		if got := c.Choose(fmt.Sprintf("xx-%04d", n), "ja-jp"); got != 1 {
			t.Fatalf("wish %d is answered with %d", n, got)
		}
	}
	if n := len(c.known); n != maxKnown {
		t.Errorf("%d wishes are remembered, want %d", n, maxKnown)
	}
	// What is remembered is what was found, and what is not remembered is found all the same.
	for range 2 {
		if known, fresh := c.Choose("ja"), c.Choose("ja-x-late"); known != 1 || fresh != 1 {
			t.Errorf("ja is %d, ja-x-late is %d", known, fresh)
		}
	}
}

// A wish that cannot be fulfilled is asked for as often as one that can.
func TestWhatCannotBeFulfilledIsRememberedToo(t *testing.T) {
	t.Parallel()
	c, _ := NewChooser([]language.Tag{language.English}, "en")
	c.Choose("zz", "en")
	if known, found := c.known["zz"]; !found || known.ok {
		t.Errorf("remembered is %v, %v", known, found)
	}
}
