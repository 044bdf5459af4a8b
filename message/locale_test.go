package message_test

import (
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
		{"fr-fr", "ja-jp", "ja"},
		{"", "ja-jp", "ja"},
		{"fr-ca ja en", "", "ja"},
		{"de-DE,ja;q=0.5", "", "ja"},
		{"", "", "en"},
		{"*", "*", "en"},
		{"not a locale", "xx-yy", "en"},
		{"fr-fr", "de-de", "en"},
		{"tlh", "", "en"},
	}
	for _, c := range cases {
		got := compose(t, settings(), func(e *event.Event) { e.Locale, e.Market = c.locale, c.market }).Variables["locale"]
		if got != c.want {
			t.Errorf("locale %q and market %q give %s, want %s", c.locale, c.market, got, c.want)
		}
	}
	c := settings()
	c.DefaultLocale = "ja"
	if got := compose(t, c, func(e *event.Event) { e.Locale = "fr-fr" }).Variables["locale"]; got != "ja" {
		t.Errorf("with MAIL_DEFAULT_LOCALE=ja an unknown language gives %s", got)
	}
}
