package otp_test

import (
	"crypto/rand"
	"math"
	"regexp"
	"strings"
	"testing"

	"byoe/devtenant/otp"
)

const (
	digits = "0123456789"
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lower  = "abcdefghijklmnopqrstuvwxyz"
)

func TestCharacterSets(t *testing.T) {
	t.Parallel()
	cases := []struct{ set, want string }{
		{"0-9", digits},
		{"a-z0-9A-Z", digits + upper + lower},
		{"0123456789", digits},
		{"9876543210", digits},
		{"0-95-9000", digits},
		{"0-45-9", digits},
		{"0-9a-a", digits + "a"},
		{"-0-9", "-" + digits},
		{"0-9-", "-" + digits},
		{"0-9_-", "-" + digits + "_"},
		{`0-9\-x`, "-" + digits + "x"},
		{`\[\]\\\^0-9`, digits + `[\]^`},
		{"0-9^", digits + "^"},
		{`\!-\*`, "!\"#$%&'()*"},
		{"!-~", "!\"#$%&'()*+,-./" + digits + ":;<=>?@" + upper + "[\\]^_`" + lower + "{|}~"},
		{"BCDFGHJKMPQRTVWXY2346789", "2346789BCDFGHJKMPQRTVWXY"},
	}
	for _, c := range cases {
		got, problems := otp.ParseCharacterSet(c.set)
		if got != c.want || problems != nil {
			t.Errorf("%q gives %q, %v, want %q", c.set, got, problems, c.want)
		}
	}
}

func TestBadCharacterSets(t *testing.T) {
	t.Parallel()
	cases := []struct{ set, want string }{
		{"", "not set"},
		{"0-8", "fewer than 10 different"},
		{"0000000000000", "fewer than 10 different"},
		{"0-88-0", "a range that runs backwards (at character 4)"},
		{"9-0", "a range that runs backwards (at character 1)"},
		{"0-9-a", "a hyphen behind a range (at character 1)"},
		{"0-9-a-z", "a hyphen behind a range"},
		{"[0-9]", "a bracket (at character 1)"},
		{"0-9]", "a bracket (at character 4)"},
		{"0-[", "a bracket"},
		{"a-z-[aeiou]", "a hyphen behind a range"},
		{"[:alpha:]", "a bracket"},
		{"^0-9", "begins with ^"},
		{`0-9\`, "ends with a backslash (at character 4)"},
		{`0-\`, "ends with a backslash"},
		{`\d`, "an escape that is not one of a punctuation mark (at character 1)"},
		{`0-9\x41`, "an escape that is not one of a punctuation mark"},
		{`0-9\ `, "an escape that is not one of a punctuation mark"},
		{"0-9 ", "a space or a character outside of ASCII (at character 4)"},
		{"0-9\n", "a space or a character outside of ASCII"},
		{"0-9\x7f", "a space or a character outside of ASCII"},
		{"0-9ä", "a space or a character outside of ASCII"},
		{"0-\xff", "a space or a character outside of ASCII"},
		{"٠-٩", "a space or a character outside of ASCII"},
	}
	for _, c := range cases {
		got, problems := otp.ParseCharacterSet(c.set)
		if len(problems) != 1 {
			t.Errorf("%q gives %q and %d problems", c.set, got, len(problems))
			continue
		}
		p := problems[0]
		if got != "" || p.Setting != "CharacterSet" || !strings.Contains(p.What, c.want) || p.Remedy == "" {
			t.Errorf("%q gives %q, %v, want %q", c.set, got, p, c.want)
		}
	}
}

// FuzzCharacterSet holds the parser against Go's own of regular expressions: what is taken must be a class there too, of
// the very same characters.
func FuzzCharacterSet(f *testing.F) {
	for _, seed := range []string{"0-9", "a-z0-9A-Z", `\-\]\[\\\^0-9`, "0-9-", "-0-9", "+--0-9", "[0-9]", "^0-9", `\d0-9`, "0-9-a", "9-0", `!-\~`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, set string) {
		got, problems := otp.ParseCharacterSet(set)
		if (got == "") != (len(problems) == 1) {
			t.Fatalf("%q gives %q and %d problems", set, got, len(problems))
		}
		if len(problems) > 0 {
			return
		}
		class, err := regexp.Compile("^[" + set + "]$")
		if err != nil {
			t.Fatalf("%q is taken and is no class: %v", set, err)
		}
		var want strings.Builder
		for octet := range byte(128) {
			if class.MatchString(string(rune(octet))) {
				want.WriteByte(octet)
			}
		}
		if got != want.String() {
			t.Errorf("%q gives %q, and the class has %q", set, got, want.String())
		}
	})
}

// sample is how many characters the distribution is judged by: enough for a bias as small as that of a byte modulo ten.
const sample = 1_000_000

// chiSquare measures how far counts are from even, and returns what it must not exceed. An even generator exceeds it
// less than once in a million runs.
func chiSquare(counts []int) (measured, bound float64) {
	total := 0
	for _, count := range counts {
		total += count
	}
	even := float64(total) / float64(len(counts))
	for _, count := range counts {
		measured += (float64(count) - even) * (float64(count) - even) / even
	}
	freedom := float64(len(counts) - 1)
	return measured, freedom + 10*math.Sqrt(2*freedom)
}

func TestCodesAreEvenlyDistributed(t *testing.T) {
	t.Parallel()
	const length = 8
	for _, set := range []string{digits, digits + lower, digits + upper + lower} {
		all := make([]int, len(set))
		var places [length][]int
		for place := range places {
			places[place] = make([]int, len(set))
		}
		for range sample / length {
			code := otp.Draw(set, length).Reveal()
			if len(code) != length {
				t.Fatalf("a code of %d characters", len(code))
			}
			for place := range length {
				character := strings.IndexByte(set, code[place])
				if character < 0 {
					t.Fatal("a character that is not in the set")
				}
				all[character]++
				places[place][character]++
			}
		}
		if measured, bound := chiSquare(all); measured > bound {
			t.Errorf("%d characters: chi-square is %.1f, and at most %.1f is even", len(set), measured, bound)
		}
		for place, counts := range places {
			if measured, bound := chiSquare(counts); measured > bound {
				t.Errorf("%d characters: chi-square at place %d is %.1f, and at most %.1f is even", len(set), place, measured, bound)
			}
		}
	}
}

// The measure must see what it is there for: a byte modulo ten makes 0 to 5 likelier than 6 to 9.
func TestTheDistributionTestCanFail(t *testing.T) {
	t.Parallel()
	random := make([]byte, sample)
	_, _ = rand.Read(random)
	counts := make([]int, 10)
	for _, octet := range random {
		counts[octet%10]++
	}
	if measured, bound := chiSquare(counts); measured <= bound {
		t.Errorf("chi-square of a biased generator is %.1f, below the bound of %.1f", measured, bound)
	}
}

func TestCodesDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 10_000 {
		code := otp.Draw(digits+lower, 20).Reveal()
		if seen[code] {
			t.Fatal("a code came twice")
		}
		seen[code] = true
	}
}
