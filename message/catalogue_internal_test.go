package message

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/language"

	"byoe/event"
)

// loaded returns the built-in catalogues by their tags.
func loaded(t *testing.T) map[string]*catalogue {
	t.Helper()
	var found findings
	catalogues := readCatalogues(readTemplateSet("", &found), &found)
	if len(found.list) != 0 {
		t.Fatal(found.list)
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

// No sentence is in wrong letters, still English, or too long for a phone.
func TestBuiltInCataloguesHaveNoFindings(t *testing.T) {
	t.Parallel()
	for _, f := range Lint(Config{From: "no-reply@contoso.example", DefaultLocale: "en", Validity: 30 * time.Minute, CodeInSubject: true}) {
		t.Errorf("%s: %s. %s", f.Place(), f.What, f.Remedy)
	}
	for tag, c := range loaded(t) {
		for _, r := range c.rules() {
			// Greek says email.
			if own, foreign := c.letters(r.text); foreign > 0 && tag != "el" {
				t.Errorf("%s %s has %d letters of its script and %d of others: %q", tag, r.name, own, foreign, r.text)
			}
		}
	}
}

// A language that an owner adds runs as its script does.
func TestDirection(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		"ar": "rtl", "fa": "rtl", "ur": "rtl", "ur-Aran": "rtl", "ps": "rtl", "ckb": "rtl", "ug": "rtl", "sd": "rtl", "he": "rtl", "yi": "rtl", "dv": "rtl", "syr": "rtl",
		"nqo": "rtl", "ff-Adlm": "rtl", "rhg-Rohg": "rtl", "smp": "rtl", "mid-Mand": "rtl", "ku-Yezi": "rtl", "az-Arab": "rtl", "pa-Arab": "rtl", "uz-Arab": "rtl",
		"en": "ltr", "az": "ltr", "pa": "ltr", "uz": "ltr", "ku": "ltr", "ff": "ltr", "ja": "ltr", "mn-Mong": "ltr", "hi": "ltr", "th": "ltr",
	} {
		if got := (&catalogue{tag: language.MustParse(tag)}).direction(); got != want {
			t.Errorf("%s is %s, want %s", tag, got, want)
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
	good, err := builtIn.ReadFile("catalogues/ru.json")
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
			var found findings
			readCatalogues(&templateSet{files: map[string]setFile{"catalogues/ru.json": {raw: []byte(bad)}}}, &found)
			if len(found.list) == 0 || !strings.Contains(found.list[0].What, tt.want) || found.list[0].Line == 0 || !found.list[0].Stops {
				t.Errorf("loading gave %v, want the line and %q", found.list, tt.want)
			}
		})
	}
	var found findings
	readCatalogues(&templateSet{files: map[string]setFile{"catalogues/klingon-x.json": {raw: good}}}, &found)
	if len(found.list) != 1 {
		t.Errorf("a file whose name is no language gave %v", found.list)
	}
}
