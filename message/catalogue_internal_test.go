package message

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"

	"golang.org/x/text/language"

	"byoe/event"
)

// loaded returns the built-in catalogues by their tags.
func loaded(t *testing.T) map[string]*catalogue {
	t.Helper()
	catalogues, err := loadCatalogues(builtInCatalogues, "catalogues")
	if err != nil {
		t.Fatal(err)
	}
	byTag := map[string]*catalogue{}
	for _, c := range catalogues {
		byTag[c.tag.String()] = c
	}
	return byTag
}

// The 39 browser languages of External ID, and Taiwan's Chinese.
func TestEveryLanguageIsThere(t *testing.T) {
	t.Parallel()
	want := strings.Fields("ar bg ca cs da de el en es et eu fi fr gl he hr hu it ja kk ko lt lv nb nl pl pt-BR pt-PT ro ru " +
		"sk sl sr-Latn sv th tr uk zh-Hans zh-Hant zh-Hant-HK")
	if got := slices.Sorted(maps.Keys(loaded(t))); !slices.Equal(got, want) {
		t.Errorf("the languages are %v, want %v", got, want)
	}
}

// A sentence in the wrong letters is one that was mixed up or forgotten.
func TestSentencesAreInTheScriptOfTheirLanguage(t *testing.T) {
	t.Parallel()
	scripts := map[string][]*unicode.RangeTable{
		"Arab": {unicode.Arabic}, "Hebr": {unicode.Hebrew}, "Cyrl": {unicode.Cyrillic}, "Grek": {unicode.Greek},
		"Thai": {unicode.Thai}, "Hans": {unicode.Han}, "Hant": {unicode.Han}, "Kore": {unicode.Hangul},
		"Jpan": {unicode.Han, unicode.Hiragana, unicode.Katakana}, "Latn": {unicode.Latin},
	}
	without := strings.NewReplacer("{app}", "", "{code}", "", "{minutes}", "")
	for tag, c := range loaded(t) {
		script, _ := language.MustParse(tag).Script()
		tables := scripts[script.String()]
		if tables == nil {
			t.Fatalf("%s: no letters are known for %s", tag, script)
		}
		for _, r := range c.rules() {
			own, foreign := 0, 0
			for _, letter := range without.Replace(r.text) {
				switch {
				case !unicode.IsLetter(letter) || letter == 'ー':
				case unicode.In(letter, tables...):
					own++
				default:
					foreign++
				}
			}
			// Greek says email.
			if foreign > 5 || foreign > 0 && script.String() != "Grek" || own == 0 && r.name != "signOff" {
				t.Errorf("%s %s has %d letters of its script and %d of others: %q", tag, r.name, own, foreign, r.text)
			}
		}
	}
}

// What is the same as in English was not translated.
func TestNoEnglishIsLeft(t *testing.T) {
	t.Parallel()
	catalogues := loaded(t)
	english := map[string]string{}
	for _, r := range catalogues["en"].rules() {
		english[r.name] = r.text
	}
	for tag, c := range catalogues {
		if tag == "en" {
			continue
		}
		for _, r := range c.rules() {
			if r.name != "signOff" && r.text == english[r.name] {
				t.Errorf("%s %s is English: %q", tag, r.name, r.text)
			}
		}
	}
}

// No two languages, and no two flows of one, say the same: where they do, a file was copied and not finished.
func TestNothingIsCopied(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for tag, c := range loaded(t) {
		for _, flow := range event.Flows() {
			lead := c.Flows[flow.String()].Lead
			if before, known := seen[lead]; known {
				t.Errorf("%s %s says the same as %s: %q", tag, flow, before, lead)
			}
			seen[lead] = tag + " " + flow.String()
		}
	}
}

// A phone shows some forty characters of a subject and a hundred of a preheader; the code comes before.
func TestLengths(t *testing.T) {
	t.Parallel()
	for tag, c := range loaded(t) {
		for _, flow := range event.Flows() {
			s := c.Flows[flow.String()]
			for what, limit := range map[string]struct {
				text string
				most int
			}{"subject": {s.Subject, 70}, "preheader": {s.Preheader, 110}, "heading": {s.Heading, 50}, "lead": {s.Lead, 150}} {
				if n := len([]rune(limit.text)); n > limit.most {
					t.Errorf("%s %s %s has %d characters, want at most %d: %q", tag, flow, what, n, limit.most, limit.text)
				}
			}
		}
	}
}

func TestPluralsOfMinutes(t *testing.T) {
	t.Parallel()
	catalogues := loaded(t)
	for _, tt := range []struct {
		tag     string
		minutes int
		want    string
	}{
		{"en", 1, "minute."},
		{"en", 30, "minutes."},
		{"de", 1, "Minute "},
		{"de", 5, "Minuten "},
		{"fr", 1, "minute."},
		{"fr", 2, "minutes."},
		{"pl", 1, "minutę"},
		{"pl", 2, "minuty"},
		{"pl", 5, "minut."},
		{"pl", 12, "minut."},
		{"pl", 22, "minuty"},
		{"pl", 30, "minut."},
		{"ru", 1, "минуту"},
		{"ru", 21, "минуту"},
		{"ru", 3, "минуты"},
		{"ru", 11, "минут."},
		{"ru", 30, "минут."},
		{"uk", 31, "хвилину"},
		{"uk", 4, "хвилини"},
		{"uk", 15, "хвилин."},
		{"cs", 1, "minutu"},
		{"cs", 3, "minuty"},
		{"cs", 10, "minut."},
		{"sk", 4, "minúty"},
		{"sk", 30, "minút."},
		{"sl", 1, "minuto"},
		{"sl", 2, "minuti."},
		{"sl", 3, "minute."},
		{"sl", 5, "minut."},
		{"sl", 102, "minuti."},
		{"hr", 1, "minutu"},
		{"hr", 22, "minute"},
		{"hr", 30, "minuta"},
		{"lt", 1, "minutę"},
		{"lt", 5, "minutes"},
		{"lt", 10, "minučių"},
		{"lt", 21, "minutę"},
		{"lv", 1, "minūti"},
		{"lv", 10, "minūtes"},
		{"lv", 21, "minūti"},
		{"ro", 1, "minut."},
		{"ro", 10, "10 minute"},
		{"ro", 30, "30 de minute"},
		{"ro", 101, "101 minute"},
		{"ar", 1, "دقيقة واحدة"},
		{"ar", 2, "دقيقتان"},
		{"ar", 5, "دقائق"},
		{"ar", 30, "دقيقة"},
		{"ar", 100, "دقيقة"},
		{"he", 1, "לדקה אחת"},
		{"he", 2, "לשתי דקות"},
		{"he", 30, "דקות"},
		{"ja", 30, "30 分"},
		{"ko", 1, "1분"},
		{"th", 5, "5 นาที"},
	} {
		c := catalogues[tt.tag]
		got := strings.ReplaceAll(c.validity(tt.minutes), "{minutes}", strconv.Itoa(tt.minutes))
		if !strings.Contains(got, tt.want) {
			t.Errorf("%s, %d minutes: %q, want %q in it", tt.tag, tt.minutes, got, tt.want)
		}
	}
}

// Each mistake in a catalogue is found at the start and told by the name of its string.
func TestFaultyCatalogues(t *testing.T) {
	t.Parallel()
	good, err := builtInCatalogues.ReadFile("catalogues/ru.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ old, new, want string }{
		"subject missing":          {`"subject": "Код входа в приложение {app}"`, `"subject": " "`, "flows.sign-in.subject is missing"},
		"flow missing":             {`"password-reset": {`, `"password": {`, "flows.password-reset.subject is missing"},
		"string unknown":           {`"codeLabel"`, `"codelable"`, "unknown field"},
		"placeholder translated":   {`"Код входа в приложение {app}"`, `"Код входа в приложение {приложение}"`, "flows.sign-in.subject must have {app} once"},
		"placeholder twice":        {`"Код входа в приложение {app}"`, `"{app}: код входа в приложение {app}"`, "flows.sign-in.subject must have {app} once"},
		"placeholder out of place": {`"Ваш код подтверждения"`, `"Ваш код {code}"`, "flows.other.heading has {code}"},
		"brace left over":          {`"Ваш код подтверждения"`, `"Ваш код }"`, "flows.other.heading has }"},
		"brace not closed":         {`"Ваш код подтверждения"`, `"Ваш код {app"`, "flows.other.heading has {app"},
		"line break":               {`"Ваш код подтверждения"`, `"Ваш код\nподтверждения"`, "flows.other.heading has a line break"},
		"digit":                    {`"Ваш код подтверждения"`, `"Ваш код 2"`, "flows.other.heading has a digit"},
		"other digit":              {`"Ваш код подтверждения"`, `"Ваш код ٢"`, "flows.other.heading has a digit"},
		"too long":                 {`"Ваш код подтверждения"`, `"` + strings.Repeat("к", 301) + `"`, "flows.other.heading is longer"},
		"plural form missing":      {`"few": "Код действителен {minutes} минуты.",`, ``, "validity.few is missing, the form for 2 minutes"},
		"plural form unknown":      {`"few": "Код`, `"fuw": "Код {minutes}", "few": "Код`, "validity.fuw is no plural category"},
		"other missing":            {`"other": "Код действителен {minutes} минуты."`, `"zero": "Код {minutes}"`, "validity.other is missing"},
		"minutes missing":          {`"few": "Код действителен {minutes} минуты."`, `"few": "Код"`, "validity.few must have {minutes} once"},
		"not JSON":                 {`"flows": {`, `"flows" {`, "invalid character"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(string(good), tt.old) {
				t.Fatalf("the good catalogue has no %s", tt.old)
			}
			bad := strings.Replace(string(good), tt.old, tt.new, 1)
			_, err := loadCatalogues(fstest.MapFS{"c/ru.json": {Data: []byte(bad)}}, "c")
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "c/ru.json") {
				t.Errorf("loading gave %v, want the file and %q", err, tt.want)
			}
		})
	}
	if _, err := loadCatalogues(fstest.MapFS{"c/klingon-x.json": {Data: good}}, "c"); err == nil {
		t.Error("a file whose name is no language was taken")
	}
}
