package message

import (
	"math"
	"strconv"
)

// colour is an sRGB colour. In HTML only the form #rrggbb is written: html/template and old mail programs refuse others.
type colour struct{ r, g, b uint8 }

// parseColour reads #rrggbb.
func parseColour(s string) (colour, bool) {
	if len(s) != 7 || s[0] != '#' {
		return colour{}, false
	}
	n, err := strconv.ParseUint(s[1:], 16, 24)
	if err != nil {
		return colour{}, false
	}
	return colour{uint8(n >> 16), uint8(n >> 8 & 0xff), uint8(n & 0xff)}, true
}

// luminance is WCAG 2.2's relative luminance, 0 to 1.
func (c colour) luminance() float64 {
	linear := func(channel uint8) float64 {
		v := float64(channel) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.r) + 0.7152*linear(c.g) + 0.0722*linear(c.b)
}

// contrast is WCAG 2.2's contrast ratio, 1 to 21.
func contrast(a, b colour) float64 {
	light, dark := a.luminance(), b.luminance()
	if light < dark {
		light, dark = dark, light
	}
	return (light + 0.05) / (dark + 0.05)
}

// The ratios of WCAG 2.2, success criterion 1.4.3 (AA): for text, and for text of 24 px, or of 18.66 px in bold.
const (
	readable      = 4.5
	readableLarge = 3.0
)

// legible returns the first of the wanted colours that can be read on a ground, else black or white: one of the two has a
// ratio of at least 4.58 on any ground.
func legible(ground string, wanted ...string) string {
	under, _ := parseColour(ground)
	for _, w := range wanted {
		if c, ok := parseColour(w); ok && contrast(under, c) >= readable {
			return w
		}
	}
	if contrast(under, colour{255, 255, 255}) >= readable {
		return "#ffffff"
	}
	return "#000000"
}
