package ses

import (
	"strings"

	"byoe/config"
	"byoe/providers/httpclient"
	"byoe/redact"
)

// Config is what the owner sets for Amazon SES. The names are those that AWS gives the same things.
type Config struct {
	Region           string        `env:"AWS_REGION" desc:"Region of the SES account, such as eu-west-1"`
	AccessKeyID      string        `env:"AWS_ACCESS_KEY_ID" desc:"Id of an access key that may ses:SendEmail"`
	SecretAccessKey  redact.Secret `env:"AWS_SECRET_ACCESS_KEY" desc:"Secret of that access key"`
	SessionToken     redact.Secret `env:"AWS_SESSION_TOKEN" desc:"Session token, only with temporary access keys"`
	EndpointURL      string        `env:"AWS_ENDPOINT_URL_SESV2" desc:"Another endpoint than the region's, such as a VPC or FIPS endpoint"`
	ConfigurationSet string        `env:"SES_CONFIGURATION_SET" desc:"SES configuration set for events and suppression"`
}

// Validate returns everything that is wrong with the settings, without a request to the vendor.
func (c Config) Validate() config.Problems {
	problems := c.validateKeys()
	switch {
	case c.Region == "":
		problems = append(problems, config.Problem{
			Setting: "AWS_REGION", What: "not set", Remedy: "Name the region of your SES account, such as eu-west-1",
		})
	case strings.ContainsFunc(c.Region, notInRegion):
		problems = append(problems, config.Problem{
			Setting: "AWS_REGION", What: "not the name of a region", Remedy: "Name a region such as eu-west-1",
		})
	}
	if c.EndpointURL != "" {
		problems = append(problems, httpclient.ValidateBaseURL("AWS_ENDPOINT_URL_SESV2", c.EndpointURL)...)
	}
	if strings.ContainsFunc(c.ConfigurationSet, notInTag) {
		problems = append(problems, config.Problem{
			Setting: "SES_CONFIGURATION_SET", What: "holds a character that no configuration set's name has",
			Remedy: "Give the name alone: letters, digits, hyphens and underscores",
		})
	}
	return problems
}

func (c Config) validateKeys() config.Problems {
	var problems config.Problems
	if c.AccessKeyID == "" {
		problems = append(problems, config.Problem{
			Setting: "AWS_ACCESS_KEY_ID", What: "not set", Remedy: "Make an access key for an IAM user that may ses:SendEmail",
		})
	}
	if c.SecretAccessKey.IsZero() {
		problems = append(problems, config.Problem{
			Setting: "AWS_SECRET_ACCESS_KEY", What: "not set", Remedy: "Give the secret that belongs to AWS_ACCESS_KEY_ID",
		})
	}
	for _, key := range []struct{ setting, value string }{
		{"AWS_ACCESS_KEY_ID", c.AccessKeyID},
		{"AWS_SECRET_ACCESS_KEY", c.SecretAccessKey.Reveal()},
		{"AWS_SESSION_TOKEN", c.SessionToken.Reveal()},
	} {
		if strings.ContainsFunc(key.value, notInKey) {
			problems = append(problems, config.Problem{
				Setting: key.setting, What: "holds a space or a character that no key has",
				Remedy: "Copy it once more, without quotes and line breaks",
			})
		}
	}
	return problems
}

// notInRegion guards the host name that the SDK makes of the region.
func notInRegion(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
}

// notInKey refuses what cannot stand in the header fields of a signed request.
func notInKey(r rune) bool { return r <= ' ' || r > '~' }
