package message

import (
	"strings"
	"unicode"
)

// maxName bounds a displayed name in characters, so that no name pushes the code out of a subject or a preheader.
const maxName = 64

// wordJoiner is invisible and takes no part in a URL: behind a dot it keeps mail clients from making a link.
const wordJoiner = '\u2060'

// displayName makes a name out of the event fit to show. Whoever may name an application in the tenant could otherwise
// break a header (line breaks decode out of an encoded word), turn the text round (bidirectional controls), or place a
// link in a mail that people trust ("evil.example"): Zitadel and Keycloak both had to mend that.
func displayName(name string) string {
	visible := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsGraphic(r): // controls, bidirectional and other format characters, private use
			return -1
		default:
			return r
		}
	}, strings.ToValidUTF8(name, ""))
	runes := []rune(strings.Join(strings.Fields(visible), " "))
	if len(runes) > maxName {
		runes = append(runes[:maxName-1], '…')
	}
	return inert(runes)
}

// inert breaks what a client would make a link of: a dot, colon, slash or @ with something right behind it. Browsers take
// the dots of East Asian scripts for dots (UTS 46).
func inert(runes []rune) string {
	var b strings.Builder
	for i, r := range runes {
		b.WriteRune(r)
		if strings.ContainsRune(".:/@。．｡：／＠", r) && i+1 < len(runes) && runes[i+1] != ' ' {
			b.WriteRune(wordJoiner)
		}
	}
	return b.String()
}
