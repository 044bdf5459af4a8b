package message

import (
	"fmt"
	"net/mail"
	"strings"
	"time"

	"byoe/config"
)

// Config is what the owner says about the mail.
type Config struct {
	From          string        `env:"MAIL_FROM" desc:"Sender as an RFC 5322 mailbox, such as \"Contoso <no-reply@contoso.example>\""`
	ReplyTo       string        `env:"MAIL_REPLY_TO" desc:"Where answers go, as an RFC 5322 mailbox"`
	Subject       string        `env:"MAIL_SUBJECT" desc:"One subject for every flow and language, in place of the built-in ones"`
	DefaultLocale string        `env:"MAIL_DEFAULT_LOCALE" envDefault:"en" desc:"Language where the event names none that byoe speaks"`
	CodeInSubject bool          `env:"MAIL_CODE_IN_SUBJECT" envDefault:"true" desc:"Put the code at the start of the subject"`
	Validity      time.Duration `env:"OTP_VALIDITY" envDefault:"30m" desc:"How long the mail says that the code is valid; 0 leaves the line out. Entra neither sends nor documents it"`
	TemplatesDir  string        `env:"MAIL_TEMPLATES_DIR" desc:"Folder with a template set of your own, in whole or in part: mail.html, mail.txt, catalogues/<language>.json"`
	BrandsFile    string        `env:"BRANDS_FILE" desc:"YAML file with the look, the sender and the words of each application (docs/brands.md)"`
}

// maxValidity keeps the number of minutes to three digits: a fourth would make it another number that autofill may take for
// the code.
const maxValidity = 999 * time.Minute

// mailboxRemedy is what to do about a mailbox that is none.
const mailboxRemedy = "Give a mailbox such as no-reply@contoso.example or \"Contoso <no-reply@contoso.example>\""

// Validate returns everything that is wrong with the settings and the files that they name.
func (c Config) Validate() config.Problems { return prepare(c).problems() }

// check returns what is wrong with the settings themselves.
func (c Config) check(catalogues []*catalogue) config.Problems {
	var problems config.Problems
	add := func(setting, what, remedy string) {
		problems = append(problems, config.Problem{Setting: setting, What: what, Remedy: remedy})
	}
	if c.From == "" {
		add("MAIL_FROM", "not set", mailboxRemedy)
	} else if _, err := parseMailbox(c.From); err != nil {
		add("MAIL_FROM", "not one mailbox", mailboxRemedy)
	}
	if _, err := parseMailbox(c.ReplyTo); c.ReplyTo != "" && err != nil {
		add("MAIL_REPLY_TO", "not one mailbox", mailboxRemedy)
	}
	if strings.ContainsFunc(c.Subject, unprintable) {
		add("MAIL_SUBJECT", "has control characters", "Give one line of text")
	} else if len([]rune(c.Subject)) > maxBrandText {
		add("MAIL_SUBJECT", fmt.Sprintf("longer than %d characters", maxBrandText), "Shorten it: phones show some forty")
	}
	if c.Validity < 0 || c.Validity > maxValidity || c.Validity%time.Minute != 0 {
		add("OTP_VALIDITY", "not a whole number of minutes up to 999", "Give a duration such as 30m, or 0 to leave the line out")
	}
	if _, ok := newLanguages(catalogues, c.DefaultLocale); !ok {
		add("MAIL_DEFAULT_LOCALE", "not a language that byoe speaks", "Give one of "+strings.Join(tags(catalogues), ", "))
	}
	return problems
}

// parseMailbox takes one RFC 5322 mailbox with an address that every mail system can carry.
func parseMailbox(s string) (mail.Address, error) {
	parsed, err := mail.ParseAddress(s)
	if err != nil {
		return mail.Address{}, err
	}
	address, err := ParseAddress(parsed.Address)
	if err != nil {
		return mail.Address{}, err
	}
	if !address.IsASCII() || strings.ContainsFunc(parsed.Name, unprintable) {
		return mail.Address{}, ErrInvalidAddress
	}
	return mail.Address{Name: parsed.Name, Address: address.Reveal()}, nil
}

func tags(catalogues []*catalogue) []string {
	list := make([]string, len(catalogues))
	for i, c := range catalogues {
		list[i] = c.tag.String()
	}
	return list
}
