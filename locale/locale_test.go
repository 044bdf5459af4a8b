package locale_test

import (
	"strings"
	"testing"

	"golang.org/x/text/language"

	"byoe/locale"
)

func tags(list string) []language.Tag {
	var all []language.Tag
	for tag := range strings.FieldsSeq(list) {
		all = append(all, language.MustParse(tag))
	}
	return all
}

func TestChoose(t *testing.T) {
	t.Parallel()
	spoken := tags("en de fr ar bg nb sr-Latn pt-BR pt-PT zh-Hans")
	chooser, ok := locale.NewChooser(spoken, "fr-CA")
	if !ok {
		t.Fatal("no French for fr-CA")
	}
	for _, tt := range []struct{ locale, market, want string }{
		{"de-AT", "en-US", "de"},
		{"xx", "de", "de"},
		{"", "", "fr"},
		{"ja, de;q=0.5", "", "de"},
		{"ja en", "de", "en"},
		{"fa-IR", "", "fr"},
		{"zh-TW", "", "fr"}, // other characters: not everybody reads both
		{"zh-SG", "", "zh-Hans"},
		{"mk-MK", "", "fr"},
		{"und-CH", "", "fr"},
		{"no", "", "nb"},
		{"nn-NO", "", "nb"},
		{"sr-Cyrl-RS", "", "sr-Latn"},
		{"pt", "", "pt-BR"},
		{"pt-AO", "", "pt-PT"},
		{strings.Repeat("xx ", 8) + "de", "", "fr"}, // the ninth wish is nobody's
		{strings.Repeat("xx ", 7) + "de", "", "de"},
	} {
		if got := spoken[chooser.Choose(tt.locale, tt.market)].String(); got != tt.want {
			t.Errorf("%q, %q: %s, want %s", tt.locale, tt.market, got, tt.want)
		}
	}
}

func TestDefaultThatThereIsNot(t *testing.T) {
	t.Parallel()
	if _, ok := locale.NewChooser(tags("en de"), "ja"); ok {
		t.Error("Japanese among English and German")
	}
	if _, ok := locale.NewChooser(nil, "en"); ok {
		t.Error("English among nothing")
	}
}
