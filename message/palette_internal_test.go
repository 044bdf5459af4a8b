package message

import (
	"fmt"
	"testing"
)

// Whatever colours a brand has, everything in its mails can be read in both modes: 4096 colours, spread evenly, in each place.
func TestEveryPaletteIsLegible(t *testing.T) {
	t.Parallel()
	const step = 17
	for r := 0; r <= 255; r += step {
		for g := 0; g <= 255; g += step {
			for b := 0; b <= 255; b += step {
				one, other := fmt.Sprintf("#%02x%02x%02x", r, g, b), fmt.Sprintf("#%02x%02x%02x", b, r, g)
				for _, brand := range []colors{{Accent: one}, {Background: one, Surface: other}, {Accent: other, Surface: one}} {
					legiblePalette(t, brand.light())
					legiblePalette(t, brand.dark())
				}
			}
		}
	}
}

func legiblePalette(t *testing.T, p palette) {
	t.Helper()
	for place, pair := range map[string][2]string{
		"ink": {p.Ink, p.Card}, "soft": {p.Soft, p.Card}, "small": {p.Small, p.Page}, "code": {p.Code, p.Box}, "band": {p.OnBand, p.Band},
	} {
		ink, inkOK := parseColour(pair[0])
		ground, groundOK := parseColour(pair[1])
		if ratio := contrast(ink, ground); !inkOK || !groundOK || ratio < 4.5 {
			t.Fatalf("%s: %s on %s has %.2f", place, pair[0], pair[1], ratio)
		}
	}
}

// The reference values are those of WCAG's own definition and of its best known example, #767676 on white.
func TestContrast(t *testing.T) {
	t.Parallel()
	for pair, want := range map[[2]string]string{
		{"#000000", "#ffffff"}: "21.00", {"#ffffff", "#000000"}: "21.00", {"#767676", "#ffffff"}: "4.54", {"#777777", "#ffffff"}: "4.48", {"#ff0000", "#ffffff"}: "4.00",
		{"#0000ff", "#ffffff"}: "8.59", {"#abcdef", "#abcdef"}: "1.00",
	} {
		a, _ := parseColour(pair[0])
		b, _ := parseColour(pair[1])
		if got := fmt.Sprintf("%.2f", contrast(a, b)); got != want {
			t.Errorf("%v: %s, want %s", pair, got, want)
		}
	}
	for _, bad := range []string{"", "#fff", "#gggggg", "1234567", "#-12345", "#+12345", "red", "#1234567"} {
		if c, ok := parseColour(bad); ok {
			t.Errorf("%q is %v", bad, c)
		}
	}
}
