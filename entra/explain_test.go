package entra_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"byoe/entra"
)

// codes are those of Microsoft's troubleshooting page, and the two that wrap or go before them.
func codes() []string {
	return []string{
		"1003000", "1003001", "1003002", "1003003", "1003004", "1003005", "1003006", "1003007", "1003008", "1003009", "1003010", "1003011",
		"1003012", "1003014", "1003015", "1003016", "1003017", "1003018", "1003019", "1003020", "1003021", "1003022", "1003023", "1003024",
		"1003025", "1003026", "1003027", "AADB2C90063", "AADSTS1100001",
	}
}

func TestExplainKnowsEveryCode(t *testing.T) {
	t.Parallel()
	for _, code := range codes() {
		e, ok := entra.Explain(code)
		if !ok || e.Code != code || e.Meaning == "" || e.Cause == "" || e.Remedy == "" {
			t.Errorf("%s: %+v", code, e)
		}
	}
	if got, want := len(entra.Explanations()), len(codes()); got != want {
		t.Errorf("%d codes are explained, %d are known", got, want)
	}
}

func TestExplainTakesNamesAndWhatPeoplePaste(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"CustomExtensionDomainNameDoesNotMatch": "1003015", "domainnamedoesnotmatch": "1003015", " 1003021. ": "1003021",
		"aadb2c90063": "AADB2C90063", "PermissionNotGrantedToServicePrincipal": "1003021", "1003013": "", "": "", "CustomExtension": "",
	} {
		if e, _ := entra.Explain(given); e.Code != want {
			t.Errorf("%q is taken for %q, not %q", given, e.Code, want)
		}
	}
}

// TestExplainKnowsEveryCodeOfFindings keeps a finding from naming a code that doctor explain does not know.
func TestExplainKnowsEveryCodeOfFindings(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("diagnose.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range regexp.MustCompile(`"(1003\d+)"`).FindAllStringSubmatch(string(source), -1) {
		if _, ok := entra.Explain(code[1]); !ok {
			t.Errorf("%s is not explained", code[1])
		}
	}
}

// TestRunbookListsEveryCode: the runbook says what each of Entra's codes means for the webhook. It must have each that
// Explain knows, and no other.
func TestRunbookListsEveryCode(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/runbook.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Entra's codes\n")
	section, _, _ = strings.Cut(section, "\n## ")
	listed := regexp.MustCompile(`\b(?:1003\d{3}|AADSTS\d+|AADB2C\d+)\b`).FindAllString(section, -1)
	var known []string
	for _, e := range entra.Explanations() {
		known = append(known, e.Code)
	}
	slices.Sort(listed)
	slices.Sort(known)
	if !slices.Equal(listed, known) {
		t.Errorf("the runbook lists\n%v, Explain knows\n%v", listed, known)
	}
}
