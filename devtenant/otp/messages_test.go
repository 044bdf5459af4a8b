package otp_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"byoe/devtenant/otp"
)

// mails is where the languages of the mails are: a person reads the mail and the page together.
const mails = "../../message/catalogues"

func loadMessages(t *testing.T) *otp.Messages {
	t.Helper()
	m, err := otp.LoadMessages()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// tagsIn lists the languages of a folder.
func tagsIn(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var tags []string
	for _, entry := range entries {
		tags = append(tags, strings.TrimSuffix(entry.Name(), ".json"))
	}
	return tags
}

// textsOf returns the messages of a language by their ids, as people get them.
func textsOf(t *testing.T, m *otp.Messages, tag string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, o := range otp.Outcomes() {
		text, lang, _ := m.Message(tag, o)
		if lang != tag {
			t.Errorf("%s: %v is in %s", tag, o, lang)
		}
		texts[o.MessageID()] = text
	}
	return texts
}

func TestMessagesAreThereInTheLanguagesOfTheMails(t *testing.T) {
	t.Parallel()
	if got, want := tagsIn(t, "messages"), tagsIn(t, mails); !slices.Equal(got, want) {
		t.Errorf("messages are in\n%s\nand mails in\n%s", got, want)
	}
	for _, tag := range tagsIn(t, "messages") {
		raw, err := os.ReadFile(filepath.Join("messages", tag+".json"))
		if err != nil {
			t.Fatal(err)
		}
		texts := map[string]string{}
		err = json.Unmarshal(raw, &texts)
		if err != nil {
			t.Errorf("%s: %v", tag, err)
		}
		if len(texts) != len(otp.Outcomes()) {
			t.Errorf("%s has %d messages, want %d", tag, len(texts), len(otp.Outcomes()))
		}
		if !norm.NFC.IsNormal(raw) {
			t.Errorf("%s is not in Unicode's normal form C", tag)
		}
	}
}

// scripts returns the scripts that a language is written in.
func scripts(t *testing.T, tag string) []*unicode.RangeTable {
	t.Helper()
	script, _ := language.Make(tag).Script()
	switch script.String() {
	case "Latn":
		return []*unicode.RangeTable{unicode.Latin}
	case "Cyrl":
		return []*unicode.RangeTable{unicode.Cyrillic}
	case "Grek":
		return []*unicode.RangeTable{unicode.Greek}
	case "Arab":
		return []*unicode.RangeTable{unicode.Arabic}
	case "Hebr":
		return []*unicode.RangeTable{unicode.Hebrew}
	case "Thai":
		return []*unicode.RangeTable{unicode.Thai}
	case "Hans", "Hant":
		return []*unicode.RangeTable{unicode.Han}
	case "Kore":
		return []*unicode.RangeTable{unicode.Hangul}
	case "Jpan":
		// The mark of a long vowel is of no script of its own.
		return []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, {R16: []unicode.Range16{{Lo: 0x30fc, Hi: 0x30fc, Stride: 1}}}}
	}
	t.Fatalf("%s is in %s: add the script to the test", tag, script)
	return nil
}

func TestMessagesAreWellFormed(t *testing.T) {
	t.Parallel()
	m := loadMessages(t)
	const longest = 120 // characters: a line of a form, or two on a telephone
	for _, tag := range tagsIn(t, "messages") {
		written := scripts(t, tag)
		for id, text := range textsOf(t, m, tag) {
			if text == "" || text != strings.TrimSpace(text) || strings.Contains(text, "  ") || utf8.RuneCountInString(text) > longest {
				t.Errorf("%s: %s is empty, too long or has space to spare: %q", tag, id, text)
			}
			for _, r := range text {
				foreign := unicode.IsLetter(r) && !unicode.In(r, written...)
				// Greek writes the one word in Latin letters, in the mails too.
				if foreign && (tag != "el" || !strings.ContainsRune("email", r)) {
					t.Errorf("%s: %s has %q, which is not of the language's script", tag, id, r)
				}
				plain := unicode.IsLetter(r) || unicode.IsMark(r) || strings.ContainsRune(" .,-’״。、，", r)
				if !plain { // digits, braces, straight quotes, control characters, what a bad encoding leaves
					t.Errorf("%s: %s has %q", tag, id, r)
				}
			}
			if !strings.HasSuffix(text, fullStop(tag)) {
				t.Errorf("%s: %s does not end as a sentence: %q", tag, id, text)
			}
		}
	}
}

// fullStop is how a sentence ends; in Thai there is no mark for it.
func fullStop(tag string) string {
	switch tag {
	case "ja", "zh-Hans", "zh-Hant", "zh-Hant-HK":
		return "。"
	case "th":
		return ""
	default:
		return "."
	}
}

// english are words of the English messages that no other language of ours has.
var english = []string{
	"the", "please", "your", "you", "has", "have", "been", "too", "many", "again", "new", "sent", "request",
	"requested", "try", "attempts", "here", "window", "address", "confirmed", "expired",
}

func TestNoEnglishIsLeftOver(t *testing.T) {
	t.Parallel()
	m := loadMessages(t)
	original := textsOf(t, m, "en")
	for _, tag := range tagsIn(t, "messages") {
		if tag == "en" {
			continue
		}
		for id, text := range textsOf(t, m, tag) {
			if text == original[id] {
				t.Errorf("%s: %s is in English", tag, id)
			}
			for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
				if slices.Contains(english, word) {
					t.Errorf("%s: %s has the English %q", tag, id, word)
				}
			}
		}
	}
}

// A message that stands twice was pasted into the wrong line, and a language that is another's file was pasted whole.
func TestMessagesDiffer(t *testing.T) {
	t.Parallel()
	m := loadMessages(t)
	languages := map[string]string{}
	for _, tag := range tagsIn(t, "messages") {
		texts := textsOf(t, m, tag)
		seen, whole := map[string]string{}, ""
		for _, o := range otp.Outcomes() {
			text := texts[o.MessageID()]
			if other := seen[text]; other != "" {
				t.Errorf("%s: %s and %s are the same", tag, o.MessageID(), other)
			}
			seen[text] = o.MessageID()
			whole += text + "\n"
		}
		if other := languages[whole]; other != "" {
			t.Errorf("%s and %s are the same", tag, other)
		}
		languages[whole] = tag
	}
}

// words is how each language calls a code, in the letters that all its forms have.
var words = map[string]string{
	"ar": "رمز", "bg": "код", "ca": "codi", "cs": "kód", "da": "kode", "de": "code", "el": "κωδικ", "en": "code",
	"es": "código", "et": "koo", "eu": "kode", "fi": "koodi", "fr": "code", "gl": "código", "he": "קוד", "hr": "kod",
	"hu": "kód", "it": "codic", "ja": "確認コード", "kk": "код", "ko": "코드", "lt": "kod", "lv": "kod", "nb": "kode",
	"nl": "code", "pl": "kod", "pt-BR": "código", "pt-PT": "código", "ro": "cod", "ru": "код", "sk": "kód", "sl": "kod",
	"sr-Latn": "kôd", "sv": "kod", "th": "รหัส", "tr": "kod", "uk": "код", "zh-Hans": "验证码", "zh-Hant": "驗證碼",
	"zh-Hant-HK": "驗證碼",
}

// The page must call the code what the mail calls it.
func TestTheCodeHasTheMailsName(t *testing.T) {
	t.Parallel()
	m := loadMessages(t)
	about := []otp.Outcome{
		otp.Generated, otp.SessionDoesNotExist, otp.MaxNumberOfCodeGenerated, otp.InvalidCode,
		otp.VerificationFailedRetryAllowed, otp.SessionConflict,
	}
	for _, tag := range tagsIn(t, "messages") {
		word := words[tag]
		if word == "" {
			t.Errorf("%s: add its word for a code to the test", tag)
			continue
		}
		raw, err := os.ReadFile(filepath.Join(mails, tag+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var mail struct{ CodeLabel string }
		err = json.Unmarshal(raw, &mail)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.ToLower(mail.CodeLabel), word) {
			t.Errorf("%s: the mail says %q, which is not of %q", tag, mail.CodeLabel, word)
		}
		for _, o := range about {
			if text, _, _ := m.Message(tag, o); !strings.Contains(strings.ToLower(text), word) {
				t.Errorf("%s: %s does not say %q: %q", tag, o.MessageID(), word, text)
			}
		}
	}
}

// Letters tell neighbours apart that share a script.
func TestLanguagesAreThemselves(t *testing.T) {
	t.Parallel()
	m := loadMessages(t)
	cases := []struct{ tag, has, hasNot string }{
		{"bg", "ъ", "ыэёіїє"},
		{"ru", "ыё", "іїєўң"},
		{"uk", "і", "ыэёъ"},
		{"kk", "әғқңұүі", "їєў"},
		{"da", "øæ", "äö"},
		{"nb", "ø", "äöæ"},
		{"sv", "åäö", "øæ"},
		{"fi", "äöy", "åõøæ"},
		{"et", "ü", "åøæß"},
		{"de", "üä", "ßåøæ"},
		{"cs", "řěůž", "ôľĺŕ"},
		{"sk", "ôľžý", "řěů"},
		{"sl", "čš", "ćđ"},
		{"hr", "đšž", "ôěř"},
		{"sr-Latn", "ôđž", "ěř"},
		{"pl", "łśżę", "řěů"},
		{"hu", "őóé", "åøõ"},
		{"ro", "ță", "ţş"}, // a comma below, not a cedilla
		{"tr", "ığşü", "äåø"},
		{"lt", "ųšė", "āēļ"},
		{"lv", "āēī", "ųė"},
		{"es", "óá", "çãâ"},
		{"gl", "óá", "çãñ"},
		{"ca", "àçé", "ñã"},
		{"pt-BR", "ãçó", "ñœ"},
		{"pt-PT", "ãóá", "ñœ"},
		{"it", "èùÈ", "ñçã"},
		{"fr", "éêà", "ñãß"},
		{"zh-Hans", "验请误申", "驗請誤電"},
		{"zh-Hant", "驗請誤申", "验请误电"},
		{"zh-Hant-HK", "驗請誤索", "验请误电"},
		{"ja", "確認ください", "验驗"},
	}
	for _, c := range cases {
		whole := ""
		for _, text := range textsOf(t, m, c.tag) {
			whole += text
		}
		for _, r := range c.has {
			if !strings.ContainsRune(whole, r) {
				t.Errorf("%s has no %q", c.tag, r)
			}
		}
		for _, r := range c.hasNot {
			if strings.ContainsRune(whole, r) {
				t.Errorf("%s has %q", c.tag, r)
			}
		}
	}
}

func TestLanguageOfTheMessage(t *testing.T) {
	t.Parallel()
	cases := []struct{ locale, want string }{
		{"", "en"},
		{"*", "en"},
		{"en-us", "en"},
		{"en_AU", "en"},
		{"de", "de"},
		{"de-at", "de"},
		{"DE_de", "de"},
		{"de-DE,en;q=0.5", "de"},
		{"fr-ca ja en", "fr"},
		{"fa ja en", "ja"},
		{"fa-IR,ja;q=0.5", "ja"},
		{"tlh, ja", "ja"},
		{"not a locale", "en"},
		{"xx-yy", "en"},

		// As Entra writes them.
		{"ar-sa", "ar"},
		{"bg-bg", "bg"},
		{"ca-es", "ca"},
		{"cs-cz", "cs"},
		{"da-dk", "da"},
		{"el-gr", "el"},
		{"es-es", "es"},
		{"et-ee", "et"},
		{"eu-es", "eu"},
		{"fi-fi", "fi"},
		{"gl-es", "gl"},
		{"he-il", "he"},
		{"hr-hr", "hr"},
		{"hu-hu", "hu"},
		{"it-it", "it"},
		{"ja-jp", "ja"},
		{"kk-kz", "kk"},
		{"ko-kr", "ko"},
		{"lt-lt", "lt"},
		{"lv-lv", "lv"},
		{"nb-no", "nb"},
		{"nl-nl", "nl"},
		{"pl-pl", "pl"},
		{"pt-br", "pt-BR"},
		{"pt-pt", "pt-PT"},
		{"ro-ro", "ro"},
		{"ru-ru", "ru"},
		{"sk-sk", "sk"},
		{"sl-si", "sl"},
		{"sr-latn-rs", "sr-Latn"},
		{"sv-se", "sv"},
		{"th-th", "th"},
		{"tr-tr", "tr"},
		{"uk-ua", "uk"},
		{"zh-cn", "zh-Hans"},
		{"zh-tw", "zh-Hant"},
		{"zh-hk", "zh-Hant-HK"},

		// Other spellings of them.
		{"ar-eg", "ar"},
		{"es-mx", "es"},
		{"es-419", "es"},
		{"iw-il", "he"},
		{"no", "nb"},
		{"nn-no", "nb"},
		{"pt", "pt-BR"},
		{"pt-ao", "pt-PT"},
		{"sr", "sr-Latn"},
		{"sr-cyrl-rs", "sr-Latn"},
		{"sr-cryl-cs", "sr-Latn"},
		{"ru-latn", "ru"},
		{"zh", "zh-Hans"},
		{"zh-sg", "zh-Hans"},
		{"zh-mo", "zh-Hant-HK"},

		// Neighbours that a matcher takes for one another and people do not.
		{"fa-ir", "en"},
		{"mk-mk", "en"},
		{"bs-ba", "en"},
		{"ur-pk", "en"},
		{"hi", "en"},
		{"vi", "en"},
		{"id", "en"},
		{"ms", "en"},
		{"yi", "en"},
		{"be", "en"},
		{"uz", "en"},
		{"sq", "en"},
		{"kk-arab", "en"},
		{"zh-latn", "en"},

		// Hostile ones.
		{strings.Repeat("de-", 100_000), "de"},
		{strings.Repeat(",", 100_000) + "de", "en"},
		{strings.Repeat("xx ", 8) + "de", "en"},
		{"\xff\x00-\xff", "en"},
	}
	m := loadMessages(t)
	for _, c := range cases {
		_, lang, dir := m.Message(c.locale, otp.Verified)
		wantDir := "ltr"
		if c.want == "ar" || c.want == "he" {
			wantDir = "rtl"
		}
		if lang != c.want || dir != wantDir {
			t.Errorf("%.40q gives %s and %s, want %s and %s", c.locale, lang, dir, c.want, wantDir)
		}
	}
}

func TestMessageInEnglish(t *testing.T) {
	t.Parallel()
	m := loadMessages(t)
	wants := map[otp.Outcome]string{
		otp.Generated:                      "We have sent a code to your email address.",
		otp.Verified:                       "Your email address is confirmed.",
		otp.SessionDoesNotExist:            "The code is no longer valid. Please request a new one.",
		otp.MaxRetryAttempted:              "Too many incorrect attempts. Please try again later.",
		otp.MaxNumberOfCodeGenerated:       "Too many codes have been requested. Please try again later.",
		otp.InvalidCode:                    "The code is incorrect and can no longer be used. Please request a new one later.",
		otp.VerificationFailedRetryAllowed: "The code is incorrect. Please check it and try again.",
		otp.SessionConflict:                "A newer code was requested in another window. Please request a new code here.",
		0:                                  "",
	}
	for o, want := range wants {
		if got, lang, dir := m.Message("en-gb", o); got != want || lang != "en" || dir != "ltr" {
			t.Errorf("%v: %q, %s, %s, want %q", o, got, lang, dir, want)
		}
	}
}
