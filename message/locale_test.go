package message_test

import (
	"strings"
	"testing"

	"byoe/event"
)

func TestLanguageOfTheMail(t *testing.T) {
	t.Parallel()
	cases := []struct{ locale, market, want string }{
		{"en-us", "en-us", "en"},
		{"en-gb", "ja-jp", "en"},
		{"ja-jp", "en-us", "ja"},
		{"ja", "", "ja"},
		{"JA_jp", "", "ja"},
		{"fa-ir", "ja-jp", "ja"},
		{"", "ja-jp", "ja"},
		{"fr-ca ja en", "", "fr"},
		{"fa ja en", "", "ja"},
		{"de-DE,ja;q=0.5", "", "de"},
		{"fa-IR,ja;q=0.5", "", "ja"},
		{"", "", "en"},
		{"*", "*", "en"},
		{"not a locale", "xx-yy", "en"},
		{"tlh", "", "en"},

		// External ID's 39, as Entra writes them.
		{"ar-sa", "", "ar"},
		{"eu-es", "", "eu"},
		{"bg-bg", "", "bg"},
		{"ca-es", "", "ca"},
		{"zh-cn", "", "zh-Hans"},
		{"zh-hk", "", "zh-Hant-HK"},
		{"hr-hr", "", "hr"},
		{"cs-cz", "", "cs"},
		{"da-dk", "", "da"},
		{"nl-nl", "", "nl"},
		{"et-ee", "", "et"},
		{"fi-fi", "", "fi"},
		{"fr-fr", "", "fr"},
		{"gl-es", "", "gl"},
		{"de-de", "", "de"},
		{"el-gr", "", "el"},
		{"he-il", "", "he"},
		{"hu-hu", "", "hu"},
		{"it-it", "", "it"},
		{"kk-kz", "", "kk"},
		{"ko-kr", "", "ko"},
		{"lv-lv", "", "lv"},
		{"lt-lt", "", "lt"},
		{"nb-no", "", "nb"},
		{"pl-pl", "", "pl"},
		{"pt-br", "", "pt-BR"},
		{"pt-pt", "", "pt-PT"},
		{"ro-ro", "", "ro"},
		{"ru-ru", "", "ru"},
		{"sr-latn-rs", "", "sr-Latn"},
		{"sk-sk", "", "sk"},
		{"sl-si", "", "sl"},
		{"es-es", "", "es"},
		{"sv-se", "", "sv"},
		{"th-th", "", "th"},
		{"tr-tr", "", "tr"},
		{"uk-ua", "", "uk"},

		// Other spellings of them.
		{"zh-hans", "", "zh-Hans"},
		{"zh", "", "zh-Hans"},
		{"zh-sg", "", "zh-Hans"},
		{"zh-hant", "", "zh-Hant"},
		{"zh-tw", "", "zh-Hant"},
		{"zh-mo", "", "zh-Hant-HK"},
		{"iw-il", "", "he"},
		{"no", "", "nb"},
		{"nn-no", "", "nb"},
		{"pt", "", "pt-BR"},
		{"pt-ao", "", "pt-PT"},
		{"es-mx", "", "es"},
		{"es-419", "", "es"},
		{"de-at", "", "de"},
		{"sr-latn-cs", "", "sr-Latn"},
		{"sr-cryl-cs", "", "sr-Latn"},
		{"sr-cyrl-rs", "", "sr-Latn"},
		{"sr", "", "sr-Latn"},
		{"ar-eg", "", "ar"},
		{"en_AU", "", "en"},
		{"EN-US", "", "en"},
		{"ZH-Hant-HK", "", "zh-Hant-HK"},
		{"zh_Hant_TW", "", "zh-Hant"},
		{"zh-hans-hk", "", "zh-Hans"},
		{"pt-419", "", "pt-BR"},
		{"pt-mz", "", "pt-PT"},
		{"NB", "", "nb"},
		{"no-no", "", "nb"},
		{"sr-rs", "", "sr-Latn"},
		{"sr-me", "", "sr-Latn"},
		{"he", "", "he"},
		{"mo", "", "ro"},
		{"ca-es-valencia", "", "ca"},
		{"de-DE-u-co-phonebk", "", "de"},
		{"de_DE.UTF-8", "", "de"},

		// Neighbours that a matcher takes for one another and people do not.
		{"fa-ir", "", "en"},
		{"mk-mk", "", "en"},
		{"bs-ba", "", "en"},
		{"ur-pk", "", "en"},
		{"hi", "", "en"},
		{"vi", "", "en"},
		{"id", "", "en"},
		{"ms", "", "en"},
		{"yi", "", "en"},
		{"MK-MK", "", "en"},
		{"mk", "", "en"},
		{"bs-latn-ba", "", "en"},
		{"be-by", "", "en"},
		{"gsw-ch", "", "en"},
		{"lb-lu", "", "en"},
		{"af-za", "", "en"},
		{"fil-ph", "", "en"},
		{"az-latn-az", "", "en"},
		{"kk-latn-kz", "", "en"},
		{"ja-latn", "", "en"},
		{"ru-latn", "", "en"},
		{"cy-gb", "", "en"},

		// A country without a language names no language.
		{"und-ch", "", "en"},
		{"und-de", "ja-jp", "ja"},

		// More wishes than anybody has do not hide the market.
		{"fa ur mk bs hi vi id ms de", "ja-jp", "ja"},

		// What only workforce tenants have: none is among ours.
		{"bn-in", "", "en"},
		{"gu-in", "", "en"},
		{"kn-in", "", "en"},
		{"ml-in", "", "en"},
		{"mr-in", "", "en"},
		{"pa-in", "", "en"},
		{"ta-in", "", "en"},
		{"te-in", "", "en"},
	}
	composer := newComposer(t, settings())
	chosen := func(locale, market string) string {
		t.Helper()
		e := sampleEvent()
		e.Locale, e.Market = locale, market
		m, err := composer.Compose(e)
		if err != nil {
			t.Fatal(err)
		}
		return m.Variables["locale"]
	}
	for _, c := range cases {
		if got := chosen(c.locale, c.market); got != c.want {
			t.Errorf("locale %q and market %q give %s, want %s", c.locale, c.market, got, c.want)
		}
	}
	for _, tag := range composer.Locales() { // as a workforce tenant writes most of them
		for _, spelled := range []string{tag, strings.ToLower(tag), strings.ToUpper(tag)} {
			if got := chosen(spelled, ""); got != tag {
				t.Errorf("locale %q gives %s", spelled, got)
			}
		}
	}
	c := settings()
	c.DefaultLocale = "ja"
	if got := compose(t, c, func(e *event.Event) { e.Locale = "fa-ir" }).Variables["locale"]; got != "ja" {
		t.Errorf("with MAIL_DEFAULT_LOCALE=ja an unknown language gives %s", got)
	}
}
