package shape

import "strings"

const (
	// masked stands for a name that could be a value.
	masked = "masked"
	// maxName bounds a name, in bytes.
	maxName = 64
	// maxDigits is the longest run of digits in a name: "x5t" and "ipv4" are names, a code is none.
	maxDigits = 2
)

// plainName returns a name that is plainly one, as Entra's and HTTP's are: ASCII letters, '-' and '_', few digits, and OData's
// "@odata." or "odata." before. A genuine caller may still have put an address or a code where a name belongs.
func plainName(name string) string {
	word := strings.TrimPrefix(strings.TrimPrefix(name, "@"), "odata.")
	if strings.HasPrefix(name, "@") && !strings.HasPrefix(name, "@odata.") {
		return masked
	}
	if word == "" || len(word) > maxName || strings.ContainsFunc(word, notInName) || digitRun(word) > maxDigits {
		return masked
	}
	return name
}

func notInName(r rune) bool {
	isLetter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	return !isLetter && (r < '0' || r > '9') && r != '-' && r != '_'
}

func digitRun(word string) int {
	longest, run := 0, 0
	for _, r := range word {
		run++
		if r < '0' || r > '9' {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}
