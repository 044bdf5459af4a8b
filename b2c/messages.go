package b2c

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"

	"golang.org/x/text/language"

	"byoe/locale"
)

//go:embed messages/*.json
var files embed.FS

// fallbackLanguage is the language for wishes that cannot be fulfilled.
const fallbackLanguage = "en"

// Messages is what people are told where no mail is on its way, in the languages of the mails.
type Messages struct {
	chooser   *locale.Chooser
	languages []texts
}

// texts are the messages of one language.
type texts struct {
	AddressUnusable string `json:"addressUnusable"`
	TooManyCodes    string `json:"tooManyCodes"`
	NotSent         string `json:"notSent"`
}

// UserMessage is what a person can be told. There are few, and none says why: what went wrong is the owner's to know.
type UserMessage int

// The messages.
const (
	// AddressUnusable asks for another address.
	AddressUnusable UserMessage = iota + 1
	// TooManyCodes asks the person to wait.
	TooManyCodes
	// NotSent asks the person to try again.
	NotSent
)

// LoadMessages reads every language at the start, so that one that is not complete stops the start and not a person who
// needs the sentence that is missing. The default locale is that of the mails; where nobody wrote messages in it, the
// default is English.
func LoadMessages(defaultLocale string) (*Messages, error) {
	entries, err := files.ReadDir("messages")
	if err != nil {
		return nil, fmt.Errorf("messages: %w", err)
	}
	m := &Messages{}
	var tags []language.Tag
	for _, entry := range entries {
		tag, read, err := readTexts(path.Join("messages", entry.Name()))
		if err != nil {
			return nil, fmt.Errorf("messages in %s: %w", entry.Name(), err)
		}
		tags, m.languages = append(tags, tag), append(m.languages, read)
	}
	for _, fallback := range []string{defaultLocale, fallbackLanguage} {
		var ok bool
		if m.chooser, ok = locale.NewChooser(tags, fallback); ok {
			return m, nil
		}
	}
	return nil, fmt.Errorf("messages: none in %s", fallbackLanguage)
}

// readTexts reads one language, which the file is named after.
func readTexts(name string) (tag language.Tag, read texts, err error) {
	tag, err = language.Parse(strings.TrimSuffix(path.Base(name), ".json"))
	if err != nil {
		return tag, read, err
	}
	raw, err := files.ReadFile(name)
	if err != nil {
		return tag, read, err
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&read); err != nil {
		return tag, read, err
	}
	if read.AddressUnusable == "" || read.TooManyCodes == "" || read.NotSent == "" {
		return tag, read, errors.New("a message is missing")
	}
	return tag, read, nil
}

// Text returns a message in the language that the mail would have been in.
func (m *Messages) Text(wanted string, message UserMessage) string {
	chosen := m.languages[m.chooser.Choose(wanted)]
	switch message {
	case AddressUnusable:
		return chosen.AddressUnusable
	case TooManyCodes:
		return chosen.TooManyCodes
	case NotSent:
		return chosen.NotSent
	default:
		return chosen.NotSent
	}
}
