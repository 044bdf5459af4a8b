package otp

import (
	"crypto/rand"
	"fmt"
	"strings"
	"unicode/utf8"

	"byoe/config"
	"byoe/redact"
)

// minCharacters is B2C's lower bound of different characters in a set.
const minCharacters = 10

// class reads what a regular expression has between the brackets of a character class.
type class struct {
	text string
	at   int
	in   [utf8.RuneSelf]bool
}

// parseCharacterSet returns the characters of a set such as a-z0-9, each once, in the order of ASCII; or the one problem
// that it has. Whatever regular expressions do not agree upon (negation, classes in classes, \d and its like) is refused:
// a guess would be told to nobody, and the codes would have other characters than the owner thinks.
func parseCharacterSet(set string) (string, config.Problems) {
	if set == "" {
		return characterProblem("not set", "Give the characters of a code, such as 0-9")
	}
	c := class{text: set}
	for c.at < len(c.text) {
		start := c.at
		what, remedy := c.member()
		if what != "" {
			return characterProblem(fmt.Sprintf("%s (at character %d)", what, start+1), remedy)
		}
	}
	var characters strings.Builder
	for octet := range byte(utf8.RuneSelf) {
		if c.in[octet] {
			characters.WriteByte(octet)
		}
	}
	if characters.Len() < minCharacters {
		return characterProblem(fmt.Sprintf("has fewer than %d different characters", minCharacters),
			"Add some: with fewer, codes are too quickly guessed")
	}
	return characters.String(), nil
}

func characterProblem(what, remedy string) (string, config.Problems) {
	return "", config.Problems{{Setting: itemCharacterSet, What: what, Remedy: remedy}}
}

// member reads a character or a range. what is "" where it is a good one.
func (c *class) member() (what, remedy string) {
	first, what, remedy := c.character()
	if what != "" {
		return what, remedy
	}
	last := first
	isRange := c.at < len(c.text)-1 && c.text[c.at] == '-' // a hyphen at the end is a character
	if isRange {
		c.at++
		last, what, remedy = c.character()
		if what != "" {
			return what, remedy
		}
	}
	switch {
	case last < first:
		return "has a range that runs backwards", "Put the lower end first, as in 0-9"
	case isRange && c.at < len(c.text)-1 && c.text[c.at] == '-':
		return "has a hyphen behind a range", `Write \- for the character, or put it at the end`
	}
	for octet := first; octet <= last; octet++ {
		c.in[octet] = true
	}
	return "", ""
}

// character reads one character, which may be escaped.
func (c *class) character() (character byte, what, remedy string) {
	character = c.text[c.at]
	isFirst := c.at == 0
	c.at++
	switch {
	case !typeable(character):
		return 0, "has a space or a character outside of ASCII", "Use characters that everybody can see and type"
	case character == '[' || character == ']':
		return 0, "has a bracket", `Give what stands between the brackets of the class, or write \[ and \] for the characters`
	case character == '^' && isFirst:
		return 0, "begins with ^, which means every other character", `Name the characters that a code has, or write \^ for this one`
	case character != '\\':
		return character, "", ""
	case c.at == len(c.text):
		return 0, "ends with a backslash", `Write \\ for the character`
	}
	character = c.text[c.at]
	c.at++
	if !typeable(character) || isAlphanumeric(character) {
		return 0, "has an escape that is not one of a punctuation mark", `Write the characters themselves, such as 0-9 for \d`
	}
	return character, "", ""
}

// typeable says whether a character can be part of a code: somebody has to read it in a mail and to type it.
func typeable(octet byte) bool { return ' ' < octet && octet <= '~' }

func isAlphanumeric(octet byte) bool {
	return '0' <= octet && octet <= '9' || 'a' <= octet && octet <= 'z' || 'A' <= octet && octet <= 'Z'
}

// octets is how many values one random byte has.
const octets = 256

// draw makes a code of random characters. A byte beyond the last whole multiple of their number is thrown away: taken
// modulo, it would make the first characters likelier than the others.
func draw(characters string, length int) redact.Secret {
	usable := octets - octets%len(characters)
	code := make([]byte, 0, length)
	random := make([]byte, length)
	for len(code) < length {
		_, _ = rand.Read(random) // never fails
		for _, octet := range random {
			if int(octet) < usable && len(code) < length {
				code = append(code, characters[int(octet)%len(characters)])
			}
		}
	}
	return redact.NewSecret(string(code))
}
