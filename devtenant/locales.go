package devtenant

// choice is an entry of a list to choose from: what is sent, and what a person reads.
type choice struct{ Value, Words string }

// locales are the browser languages of an external tenant in its own words (Microsoft: "Customize the language of the
// authentication experience"), with the codes that Entra's sample of the event has, in lower case; and a few wishes that
// are easily answered in a wrong language.
func locales() []choice {
	return []choice{
		{"en-us", "English (United States)"},
		{"ar-sa", "Arabic (Saudi Arabia)"},
		{"eu-es", "Basque"},
		{"bg-bg", "Bulgarian"},
		{"ca-es", "Catalan"},
		{"zh-cn", "Chinese (China)"},
		{"zh-hk", "Chinese (Hong Kong SAR)"},
		{"zh-tw", "Chinese (Taiwan)"},
		{"hr-hr", "Croatian"},
		{"cs-cz", "Czech"},
		{"da-dk", "Danish"},
		{"nl-nl", "Dutch (Netherlands)"},
		{"et-ee", "Estonian"},
		{"fi-fi", "Finnish"},
		{"fr-fr", "French (France)"},
		{"gl-es", "Galician"},
		{"de-de", "German"},
		{"el-gr", "Greek"},
		{"he-il", "Hebrew"},
		{"hu-hu", "Hungarian"},
		{"it-it", "Italian"},
		{"ja-jp", "Japanese"},
		{"kk-kz", "Kazakh"},
		{"ko-kr", "Korean"},
		{"lv-lv", "Latvian"},
		{"lt-lt", "Lithuanian"},
		{"nb-no", "Norwegian Bokmål"},
		{"pl-pl", "Polish"},
		{"pt-br", "Portuguese (Brazil)"},
		{"pt-pt", "Portuguese (Portugal)"},
		{"ro-ro", "Romanian"},
		{"ru-ru", "Russian"},
		{"sr-latn-rs", "Serbian (Latin, Serbia)"},
		{"sk-sk", "Slovak"},
		{"sl-si", "Slovenian"},
		{"es-es", "Spanish (Spain)"},
		{"sv-se", "Swedish"},
		{"th-th", "Thai"},
		{"tr-tr", "Turkish"},
		{"uk-ua", "Ukrainian"},
		{"sr-cryl-cs", "Serbian, as Entra misspells it"},
		{"fa-ir", "Persian (not among the 39)"},
		{"mk-mk", "Macedonian (not among the 39)"},
		{"xx-yy", "no language at all"},
	}
}

// flows are what a person may be doing, by the event's requestType. Only signUp is documented; the others were seen, or are
// to be expected.
func flows() []choice {
	return []choice{
		{"signUp", "Sign up"}, {"SignIn", "Sign in"}, {"passwordReset", "Reset the password"}, {"mfa", "Something else (second factor)"},
	}
}

// The kinds of client.
const (
	clientBrowser = "browser"
	clientNative  = "native"
)

func clients() []choice {
	return []choice{{clientBrowser, "Browser"}, {clientNative, "Native authentication (the event has no requestType)"}}
}
