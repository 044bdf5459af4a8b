package message

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// checkText adds what is wrong with one rendered text layout.
func checkText(set *templateSet, page string, v view, found *findings) {
	source := set.files[textFile].raw
	line := lineAt(source, bytes.Index(source, []byte(".Code")))
	add := func(line int, what, remedy string, stops bool) {
		f := set.finding(textFile, line, what, remedy)
		f.Stops = stops
		found.add(f)
	}
	if n := strings.Count(page, string(slotCode)); n != 1 {
		add(line, fmt.Sprintf("the code stands %d times", n), "Write {{.Code}} once, on a line of its own", true)
	} else if !slices.Contains(strings.Split(page, "\n"), string(slotCode)) {
		add(line, "the code has no line of its own", "Put {{.Code}} on a line of its own: autofill takes what stands alone", true)
	}
	for _, wanted := range []struct {
		name string
		of   sentence
	}{
		{"Lead", v.Lead}, {"Validity", v.Validity}, {"NeverShare", v.NeverShare}, {"Ignore", v.Ignore}, {"Support", v.Support}, {"Footer", v.Footer},
	} {
		if !strings.Contains(page, string(wanted.of)) {
			add(line, "{{."+wanted.name+"}} is missing", "Say it: who reads the text part has nothing else", false)
		}
	}
	if likeACode(page) >= 0 {
		add(lineAt(source, likeACode(string(source))), "a number that autofill may take for the code", "Leave it out or write it in words", false)
	}
}

// checkTextSource adds what is wrong with a text layout before it is rendered.
func checkTextSource(set *templateSet, found *findings) {
	source := set.files[textFile].raw
	if at := regexp.MustCompile(`(?i)</?[a-z][a-z0-9]*[^>]*>|&(amp|lt|gt|nbsp|#\d+);`).FindIndex(source); at != nil {
		f := set.finding(textFile, lineAt(source, at[0]), "HTML in the text part", "Write plain text: nothing is escaped and nothing is interpreted there")
		f.Stops = false
		found.add(f)
	}
}

// Sizes of the finished HTML in bytes: what a mail of ours needs at most, and where Gmail clips.
const (
	wantedSize = 20 << 10
	clipSize   = 100 << 10
)

// checkSize adds a finding where the finished HTML is large.
func checkSize(set *templateSet, size int, found *findings) {
	switch {
	case size > clipSize:
		found.add(set.finding(htmlFile, 0, "more than 100 KB of HTML", "Make it smaller: Gmail cuts a mail off there"))
	case size > wantedSize:
		f := set.finding(htmlFile, 0, "more than 20 KB of HTML", "Make it smaller: a code should not have to be loaded")
		f.Stops = false
		found.add(f)
	}
}
