package doctor

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParseSPF(t *testing.T) {
	t.Parallel()
	for text, good := range map[string]bool{
		"v=spf1":           true,
		"v=spf1 -all":      true,
		"v=spf1  a   mx  ": true,
		"v=spf1 a/24 a//64 a/24//64 a:x.example/24 mx:x.example//64 mx/0 -all":               true,
		"v=spf1 ip4:192.0.2.1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ip6:::1 ?all":               true,
		"v=spf1 exists:%{ir}.%{v}._spf.%{d2} ptr ptr:x.example exp=e.example x-y.z=whatever": true,
		"v=spf1 redirect=x.example": true,
		"":                          false,
		"v=spf1x":                   false,
		"v=spf2 -all":               false,
		"v=spf1 redirect=a.example redirect=b.example": false,
		"v=spf1 exp=a.example exp=b.example":           false,
		"v=spf1 redirect=":                             false,
		"v=spf1 include":                               false,
		"v=spf1 include:":                              false,
		"v=spf1 exists":                                false,
		"v=spf1 all:x":                                 false,
		"v=spf1 a:":                                    false,
		"v=spf1 a/33":                                  false,
		"v=spf1 a//129":                                false,
		"v=spf1 a/x":                                   false,
		"v=spf1 a/+2":                                  false,
		"v=spf1 ax":                                    false,
		"v=spf1 ip4:2001:db8::1":                       false,
		"v=spf1 ip4":                                   false,
		"v=spf1 ip4:1.2.3.4/33":                        false,
		"v=spf1 ip6:192.0.2.1":                         false,
		"v=spf1 ip6:fe80::1%eth0":                      false,
		"v=spf1 -":                                     false,
		"v=spf1 --all":                                 false,
		"v=spf1 include:\x01":                          false,
		"v=spf1 hello":                                 false,
	} {
		if _, err := parseSPF(text); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestOrganisation(t *testing.T) {
	t.Parallel()
	for domain, want := range map[string]string{
		"contoso.example": "contoso.example", "a.b.contoso.example": "contoso.example", "mail.contoso.co.uk": "contoso.co.uk", "co.uk": "co.uk", "example": "example", "": "",
	} {
		if got := organisation(domain); got != want {
			t.Errorf("%q: %q, want %q", domain, got, want)
		}
	}
}

// What a zone says is anybody's text: reading it neither panics nor invents.
func FuzzParseSPF(f *testing.F) {
	for _, seed := range []string{"v=spf1 include:_spf.example.com ~all", "v=spf1 a:x/24//64 exists:%{i} redirect=x", "v=spf1 ip6:::/0 -", "V=SPF1 +", "v=spf1 a//"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		terms, err := parseSPF(text)
		if err != nil {
			return
		}
		words := strings.FieldsFunc(text[len("v=spf1"):], func(r rune) bool { return r == ' ' })
		if len(words) != len(terms) {
			t.Fatalf("%d words and %d terms", len(words), len(terms))
		}
		for i, term := range terms {
			if term.name == "" || !strings.Contains(words[i], term.domain) || term.name != strings.ToLower(term.name) {
				t.Errorf("%q became %+v", words[i], term)
			}
		}
	})
}

func FuzzParseDMARC(f *testing.F) {
	for _, seed := range []string{"v=DMARC1; p=none; rua=mailto:x@y.example", "v=DMARC1;p=reject;sp=none;adkim=s;aspf=r", "v=DMARC1", "v=DMARC1; p=none; p=reject", " v = DMARC1 ; P = Reject"} {
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, text string, sub bool) {
		record, err := parseDMARC(text, sub)
		if err != nil {
			return
		}
		if !isDMARC(text) || record.policy != "none" && record.policy != "quarantine" && record.policy != "reject" {
			t.Errorf("%q became %+v", text, record)
		}
	})
}

func FuzzPrintable(f *testing.F) {
	f.Add("name.example")
	f.Fuzz(func(t *testing.T, text string) {
		clean := printable(text)
		if !utf8.ValidString(clean) || len(clean) > 90 || strings.ContainsAny(clean, "\x1b\n\r ") {
			t.Errorf("%q", clean)
		}
	})
}
