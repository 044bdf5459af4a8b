package otp

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"golang.org/x/text/language"
)

//go:embed messages/*.json
var files embed.FS

// The writing directions, as HTML's dir attribute has them.
const (
	leftToRight = "ltr"
	rightToLeft = "rtl"
)

// fallbackLanguage is the language for wishes that cannot be fulfilled.
const fallbackLanguage = "en"

// Messages is what people are told of each [Outcome], in the languages of the mails.
type Messages struct {
	matcher   language.Matcher
	languages []texts
	fallback  int
}

// texts is the messages of one language.
type texts struct {
	tag       language.Tag
	direction string
	byID      map[string]string // by Outcome.MessageID
}

// LoadMessages reads every language at the start, so that one that is not complete stops the start and not a person who
// needs the sentence that is missing.
func LoadMessages() (*Messages, error) {
	entries, err := files.ReadDir("messages")
	if err != nil {
		return nil, fmt.Errorf("messages: %w", err)
	}
	m := &Messages{}
	var tags []language.Tag
	for _, entry := range entries {
		read, err := readTexts(path.Join("messages", entry.Name()))
		if err != nil {
			return nil, fmt.Errorf("messages in %s: %w", entry.Name(), err)
		}
		if read.tag.String() == fallbackLanguage {
			m.fallback = len(m.languages)
		}
		m.languages = append(m.languages, read)
		tags = append(tags, read.tag)
	}
	m.matcher = language.NewMatcher(tags)
	return m, nil
}

// readTexts reads one language, which the file is named after.
func readTexts(name string) (texts, error) {
	tag, err := language.Parse(strings.TrimSuffix(path.Base(name), ".json"))
	if err != nil {
		return texts{}, err
	}
	raw, err := files.ReadFile(name)
	if err != nil {
		return texts{}, err
	}
	read := texts{tag: tag, direction: leftToRight}
	script, _ := tag.Script()
	if script.String() == "Arab" || script.String() == "Hebr" {
		read.direction = rightToLeft
	}
	err = json.Unmarshal(raw, &read.byID)
	if err != nil {
		return texts{}, err
	}
	for _, o := range Outcomes() {
		if read.byID[o.MessageID()] == "" {
			return texts{}, fmt.Errorf("%s is missing", o.MessageID())
		}
	}
	return read, nil
}

// Message returns what to tell a person of the outcome, and the language that it is in and its direction, for the lang and
// dir attributes. locale is as Entra and browsers have it: de-de, or several in the order of preference, such as
// "fr-CA fr" or "de-DE,en;q=0.5". An outcome that is none has no text.
func (m *Messages) Message(locale string, o Outcome) (text, lang, dir string) {
	chosen := m.languages[m.choose(locale)]
	return chosen.byID[o.MessageID()], chosen.tag.String(), chosen.direction
}
