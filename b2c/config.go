package b2c

import (
	"strings"
	"time"

	"byoe/config"
)

// mostValidity is how long a code of B2C's one-time-password profile can live (CodeExpirationInSeconds, at most 1200).
const mostValidity = 20 * time.Minute

// maxName bounds the name of a claim in bytes.
const maxName = 128

// Config is what the owner says about their Azure AD B2C policies.
type Config struct {
	Claims   []string      `env:"B2C_CLAIMS" desc:"Other names of the claims that Azure AD B2C policies send, such as email=signInName,otp=code; the names are email, otp, locale, appName, clientId, correlationId, tenantId and flow"`
	Tenant   string        `env:"B2C_TENANT" desc:"The B2C tenant as its policies send it in the claim tenantId; claims of another one are refused"`
	Validity time.Duration `env:"B2C_OTP_VALIDITY" envDefault:"10m" desc:"How long a code of a B2C policy is valid, as its mail says: CodeExpirationInSeconds of the policy; 0 leaves the line out"`
}

// Validate returns everything that is wrong with the settings.
func (c Config) Validate() config.Problems {
	_, problems := c.names()
	if c.Validity < 0 || c.Validity > mostValidity || c.Validity%time.Minute != 0 {
		problems = append(problems, config.Problem{
			Setting: "B2C_OTP_VALIDITY", What: "not a whole number of minutes up to 20",
			Remedy: "Give the policy's CodeExpirationInSeconds as minutes, such as 10m, or 0 to leave the line out",
		})
	}
	return problems
}

// Names returns what the policies call each claim, by our name.
func (c Config) Names() map[string]string {
	names, _ := c.names()
	return names
}

// names returns what the policies call each claim, by our name.
func (c Config) names() (map[string]string, config.Problems) {
	names := map[string]string{}
	for _, name := range claimNames() {
		names[name] = name
	}
	var problems config.Problems
	add := func(what, remedy string) {
		problems = append(problems, config.Problem{Setting: "B2C_CLAIMS", What: what, Remedy: remedy})
	}
	given := map[string]bool{}
	for _, pair := range c.Claims {
		name, theirs, ok := strings.Cut(pair, "=")
		name, theirs = strings.TrimSpace(name), strings.TrimSpace(theirs)
		switch _, known := names[name]; {
		case !ok:
			add("has an item without =", "Give pairs such as email=signInName, comma-separated")
		case !known:
			add("renames a claim that byoe does not read", "Give one of "+strings.Join(claimNames(), ", ")+" before the =")
		case given[name]:
			add("renames "+name+" twice", "Give each name once")
		case theirs == "" || len(theirs) > maxName || !config.IsKeyText(theirs):
			add("has no usable name for "+name, "Give the PartnerClaimType, or the ClaimTypeReferenceId where there is none, after the =")
		default:
			given[name], names[name] = true, theirs
		}
	}
	return names, append(problems, readTwice(names)...)
}

// readTwice finds claims of the policies' that would be two of ours.
func readTwice(names map[string]string) (problems config.Problems) {
	read := map[string]string{}
	for _, name := range claimNames() {
		theirs := strings.ToLower(names[name])
		if first, taken := read[theirs]; taken {
			problems = append(problems, config.Problem{
				Setting: "B2C_CLAIMS", What: "reads " + first + " and " + name + " from one claim",
				Remedy: "Give each a name of its own, or rename the other one too",
			})
		}
		read[theirs] = name
	}
	return problems
}
