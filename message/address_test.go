package message_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"byoe/message"
)

func TestAddressesThatAreTaken(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"ann@example.com":                           "ann@example.com",
		"Ann.O'Hara+tag@Example.COM":                "Ann.O'Hara+tag@example.com",
		"ann@bücher.example":                        "ann@xn--bcher-kva.example",
		"用户@例子.广告":                                  "用户@xn--fsqu00a.xn--4rr70v",
		"a@" + strings.Repeat("b.", 60) + "example": "a@" + strings.Repeat("b.", 60) + "example",
	} {
		got, err := message.ParseAddress(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
		} else if got.Reveal() != want {
			t.Errorf("%s becomes %s, want %s", in, got.Reveal(), want)
		}
	}
	if a, err := message.ParseAddress("ann@bücher.example"); err != nil || !a.IsASCII() || a.Domain() != "xn--bcher-kva.example" {
		t.Error("an internationalised domain alone needs no SMTPUTF8")
	}
	if a, err := message.ParseAddress("用户@example.com"); err != nil || a.IsASCII() || a.IsZero() {
		t.Error("an internationalised local part needs SMTPUTF8")
	}
}

func TestAddressesThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]string{
		"nothing":                  "",
		"telephone":                "+4915112345678",
		"no domain":                "ann@",
		"no local part":            "@example.com",
		"no dot":                   "ann@localhost",
		"trailing dot":             "ann@example.com.",
		"ideographic trailing dot": "ann@example.com。",
		"long before it is ASCII":  "a@" + strings.Repeat("会", 60) + "." + strings.Repeat("会", 60) + ".example",
		"domain literal":           "ann@[127.0.0.1]",
		"hyphen first":             "ann@-example.com",
		"name and address":         "Ann <ann@example.com>",
		"brackets":                 "<ann@example.com>",
		"comment":                  "ann@example.com (Ann)",
		"two":                      "ann@example.com, eve@example.com",
		"line break":               "ann@example.com\r\nRCPT TO:<eve@example.com>",
		"line break inside":        "ann\n@example.com",
		"space":                    "ann lee@example.com",
		"ESMTP parameter smuggle":  `"x> ORCPT=admin@admin.com"@example.com`,
		"quoted":                   `"ann"@example.com`,
		"NUL":                      "ann\x00@example.com",
		"bidirectional control":    "ann\u202e@example.com",
		"zero width":               "ann\u200b@example.com",
		"invalid UTF-8":            "ann\xff@example.com",
		"long local part":          strings.Repeat("a", 65) + "@example.com",
		"long":                     "a@" + strings.Repeat("b.", 130) + "example",
		"long once it is ASCII":    strings.Repeat("a", 60) + "@" + strings.Repeat("ü.", 60) + "example",
	} {
		a, err := message.ParseAddress(in)
		if !errors.Is(err, message.ErrInvalidAddress) {
			t.Errorf("%s: taken as %q (%v)", name, a.Reveal(), err)
		} else if in != "" && strings.Contains(err.Error(), in) {
			t.Errorf("%s: quoted in %q", name, err)
		}
	}
}

func TestAddressPrintsNothing(t *testing.T) {
	t.Parallel()
	a, err := message.ParseAddress("ann@example.com")
	if err != nil {
		t.Fatal(err)
	}
	hidden := struct{ a message.Address }{a} // fmt calls no method on what it finds in here
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if printed := fmt.Sprintf(verb+verb, a, hidden); strings.Contains(printed, "ann") || strings.Contains(printed, fmt.Sprintf("%x", "ann")) {
			t.Errorf("%s shows %s", verb, printed)
		}
	}
}

func FuzzParseAddress(f *testing.F) {
	f.Add("ann@example.com")
	f.Add(`"x> ORCPT=a@b.c"@example.com`)
	f.Fuzz(func(t *testing.T, in string) {
		a, err := message.ParseAddress(in)
		if err != nil {
			return
		}
		out := a.Reveal()
		if strings.ContainsAny(out, "\r\n\x00<>\"() ,;") || strings.Count(out, "@") != 1 || len(out) > 254 {
			t.Errorf("%q became %q", in, out)
		}
		if again, err := message.ParseAddress(out); err != nil || again.Reveal() != out {
			t.Errorf("%q is not stable: %q, %v", out, again.Reveal(), err)
		}
	})
}
