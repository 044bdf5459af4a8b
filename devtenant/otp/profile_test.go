package otp_test

import (
	"testing"
	"time"

	"byoe/devtenant/otp"
)

func TestPresets(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name      string
		got, want otp.Profile
	}{
		{"External ID", otp.ExternalID(), otp.Profile{
			Expiration: 30 * time.Minute, CodeLength: 8, CharacterSet: "0-9", RetryAttempts: 5, CodeGenerationAttempts: 10,
		}},
		{"B2B guest", otp.B2BGuest(), otp.Profile{
			Expiration: 30 * time.Minute, CodeLength: 8, CharacterSet: "0-9", RetryAttempts: 5, CodeGenerationAttempts: 10,
			Session: 24 * time.Hour,
		}},
		{"B2C", otp.B2C(), otp.Profile{
			Expiration: 600 * time.Second, CodeLength: 6, CharacterSet: "0-9", RetryAttempts: 5, CodeGenerationAttempts: 10,
		}},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("%s is %+v, want %+v", c.name, c.got, c.want)
		}
		if _, err := otp.New(c.got); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestProfileBounds(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		change  func(*otp.Profile)
		setting string // of the one problem; "" is a good profile
	}{
		{"shortest life", func(p *otp.Profile) { p.Expiration = time.Second }, ""},
		{"life too short", func(p *otp.Profile) { p.Expiration = time.Second - 1 }, "CodeExpirationInSeconds"},
		{"longest life", func(p *otp.Profile) { p.Expiration = 24 * time.Hour }, ""},
		{"life too long", func(p *otp.Profile) { p.Expiration = 24*time.Hour + 1 }, "CodeExpirationInSeconds"},
		{"shortest code", func(p *otp.Profile) { p.CodeLength = 4 }, ""},
		{"code too short", func(p *otp.Profile) { p.CodeLength = 3 }, "CodeLength"},
		{"longest code", func(p *otp.Profile) { p.CodeLength, p.CharacterSet = 20, "!-~" }, ""},
		{"code too long", func(p *otp.Profile) { p.CodeLength = 21 }, "CodeLength"},
		{"one try", func(p *otp.Profile) { p.RetryAttempts = 1 }, ""},
		{"no try", func(p *otp.Profile) { p.RetryAttempts = 0 }, "NumRetryAttempts"},
		{"most tries", func(p *otp.Profile) { p.RetryAttempts = 100 }, ""},
		{"too many tries", func(p *otp.Profile) { p.RetryAttempts = 101 }, "NumRetryAttempts"},
		{"one code", func(p *otp.Profile) { p.CodeGenerationAttempts = 1 }, ""},
		{"no code", func(p *otp.Profile) { p.CodeGenerationAttempts = 0 }, "NumCodeGenerationAttempts"},
		{"most codes", func(p *otp.Profile) { p.CodeGenerationAttempts = 100 }, ""},
		{"too many codes", func(p *otp.Profile) { p.CodeGenerationAttempts = 101 }, "NumCodeGenerationAttempts"},
		{"session of 90 days", func(p *otp.Profile) { p.Session = 90 * 24 * time.Hour }, ""},
		{"session too long", func(p *otp.Profile) { p.Session = 90*24*time.Hour + 1 }, "Session"},
		{"session below nothing", func(p *otp.Profile) { p.Session = -1 }, "Session"},
		{"no characters", func(p *otp.Profile) { p.CharacterSet = "" }, "CharacterSet"},
		{"too few characters", func(p *otp.Profile) { p.CharacterSet = "0-8" }, "CharacterSet"},
		{"one chance in a hundred", func(p *otp.Profile) { p.CodeLength, p.RetryAttempts = 4, 10 }, ""},
		{"better chances", func(p *otp.Profile) { p.CodeLength, p.RetryAttempts = 4, 11 }, "CodeLength"},
		{"better chances with more codes", func(p *otp.Profile) { p.CodeLength, p.CodeGenerationAttempts = 4, 21 }, "CodeLength"},
		{"more characters", func(p *otp.Profile) { p.CodeLength, p.RetryAttempts, p.CharacterSet = 4, 11, "0-9a" }, ""},
	}
	for _, c := range cases {
		p := otp.B2C()
		c.change(&p)
		problems := p.Validate()
		if c.setting == "" && len(problems) > 0 || c.setting != "" && (len(problems) != 1 || problems[0].Setting != c.setting) {
			t.Errorf("%s: %v, want a problem of %q", c.name, problems, c.setting)
		}
		engine, err := otp.New(p)
		if (engine == nil) != (c.setting != "") || (err == nil) != (c.setting == "") {
			t.Errorf("%s: New gives an engine: %v, and the error %v", c.name, engine != nil, err)
		}
	}
}

func TestEveryProblemIsToldAtOnce(t *testing.T) {
	t.Parallel()
	const want = "CharacterSet: not set. Give the characters of a code, such as 0-9\n" +
		"CodeExpirationInSeconds: shorter than a second or longer than a day. Give a time such as ten minutes\n" +
		"CodeLength: not between 4 and 20. Give a number such as 6\n" +
		"NumRetryAttempts: not between 1 and 100. Give a number such as 5\n" +
		"NumCodeGenerationAttempts: not between 1 and 100. Give a number such as 10"
	if got := (otp.Profile{}).Validate().Error(); got != want {
		t.Errorf("an empty profile:\n%s\nwant\n%s", got, want)
	}
}

func TestB2CItems(t *testing.T) {
	t.Parallel()
	expires := func(seconds int) func(*otp.Profile) {
		return func(p *otp.Profile) { p.Expiration = time.Duration(seconds) * time.Second }
	}
	length := func(n int) func(*otp.Profile) { return func(p *otp.Profile) { p.CodeLength = n } }
	tries := func(n int) func(*otp.Profile) { return func(p *otp.Profile) { p.RetryAttempts = n } }
	codes := func(n int) func(*otp.Profile) { return func(p *otp.Profile) { p.CodeGenerationAttempts = n } }
	set := func(set string) func(*otp.Profile) { return func(p *otp.Profile) { p.CharacterSet = set } }
	reuse := func(reuse bool) func(*otp.Profile) { return func(p *otp.Profile) { p.ReuseSameCode = reuse } }
	cases := []struct {
		item, value string
		want        func(*otp.Profile) // nil where there is a problem with the item
	}{
		{"CodeExpirationInSeconds", "600", expires(600)},
		{"CodeExpirationInSeconds", "60", expires(60)},
		{"CodeExpirationInSeconds", "1200", expires(1200)},
		{"CodeExpirationInSeconds", "59", nil},
		{"CodeExpirationInSeconds", "1201", nil},
		{"CodeExpirationInSeconds", "-600", nil},
		{"CodeExpirationInSeconds", "9223372036854775807", nil},
		{"CodeExpirationInSeconds", "18446744073709551676", nil}, // 60 with a carry
		{"CodeExpirationInSeconds", "10m", nil},
		{"CodeExpirationInSeconds", "600.0", nil},
		{"CodeExpirationInSeconds", "", nil},
		{"CodeLength", "6", length(6)},
		{"CodeLength", "4", length(4)},
		{"CodeLength", "20", length(20)},
		{"CodeLength", "3", nil},
		{"CodeLength", "21", nil},
		{"CodeLength", "0", nil},
		{"CodeLength", "six", nil},
		{"NumRetryAttempts", "5", tries(5)},
		{"NumRetryAttempts", "1", tries(1)},
		{"NumRetryAttempts", "100", tries(100)},
		{"NumRetryAttempts", "0", nil},
		{"NumRetryAttempts", "101", nil},
		{"NumCodeGenerationAttempts", "10", codes(10)},
		{"NumCodeGenerationAttempts", "15", codes(15)},
		{"NumCodeGenerationAttempts", "1", codes(1)},
		{"NumCodeGenerationAttempts", "100", codes(100)},
		{"NumCodeGenerationAttempts", "0", nil},
		{"NumCodeGenerationAttempts", "101", nil},
		{"CharacterSet", "0-9", set("0-9")},
		{"CharacterSet", "a-z0-9A-Z", set("a-z0-9A-Z")},
		{"CharacterSet", "\n      a-j\n    ", set("a-j")},
		{"CharacterSet", "a-i", nil},
		{"CharacterSet", "[0-9]", nil},
		{"CharacterSet", "", nil},
		{"ReuseSameCode", "true", reuse(true)},
		{"ReuseSameCode", "false", reuse(false)},
		{"ReuseSameCode", "yes", nil},
		{"ReuseSameCode", "", nil},
		{"Operation", "GenerateCode", func(*otp.Profile) {}},
		{"Operation", "VerifyCode", nil},
		{"Operation", "generatecode", nil},
		{"NumRetryAttempt", "5", nil},
		{"codeLength", "6", nil},
		{"UserMessageIfInvalidCode", "No.", nil},
	}
	for _, c := range cases {
		got, problems := otp.ParseB2C(map[string]string{"Operation": "GenerateCode", c.item: c.value})
		if c.want == nil {
			if len(problems) != 1 || problems[0].Setting != c.item || problems[0].What == "" || problems[0].Remedy == "" || got != (otp.Profile{}) {
				t.Errorf("%s of %q: %+v, %v, want one problem of the item and no profile", c.item, c.value, got, problems)
			}
			continue
		}
		want := otp.B2C()
		c.want(&want)
		if got != want || len(problems) > 0 {
			t.Errorf("%s of %q: %+v, %v, want %+v", c.item, c.value, got, problems, want)
		}
	}
}

func TestB2CDefaults(t *testing.T) {
	t.Parallel()
	got, problems := otp.ParseB2C(map[string]string{"Operation": "GenerateCode"})
	if got != otp.B2C() || len(problems) > 0 {
		t.Errorf("no items: %+v, %v", got, problems)
	}
	for _, items := range []map[string]string{nil, {}} {
		_, problems = otp.ParseB2C(items)
		if len(problems) != 1 || problems[0].Setting != "Operation" {
			t.Errorf("no Operation: %v", problems)
		}
	}
}

func TestEveryProblemOfAPolicyIsToldAtOnce(t *testing.T) {
	t.Parallel()
	_, problems := otp.ParseB2C(map[string]string{
		"Operation": "VerifyCode", "CodeExpirationInSeconds": "30", "CodeLength": "long", "CharacterSet": "0-7",
		"NumRetryAttempts": "0", "NumCodeGenerationAttempts": "-1", "ReuseSameCode": "maybe", "Zeal": "1", "Colour": "red",
	})
	wants := []string{
		"Operation", "CodeExpirationInSeconds", "CodeLength", "ReuseSameCode", "Colour", "Zeal", "CharacterSet",
		"NumRetryAttempts", "NumCodeGenerationAttempts",
	}
	if len(problems) != len(wants) {
		t.Fatalf("%d problems, want %d:\n%v", len(problems), len(wants), problems)
	}
	for i, want := range wants {
		if problems[i].Setting != want {
			t.Errorf("problem %d is of %s, want %s", i+1, problems[i].Setting, want)
		}
	}
}
