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
	RoleARN          string        `env:"AWS_ROLE_ARN" desc:"Role that may ses:SendEmail and trusts the app's managed identity; in place of an access key"`
	IdentityClientID string        `env:"AWS_WEB_IDENTITY_CLIENT_ID" desc:"With AWS_ROLE_ARN: client id of a user-assigned identity; the app's own identity where empty"`
	IdentityAudience string        `env:"AWS_WEB_IDENTITY_AUDIENCE" envDefault:"api://AzureADTokenExchange" desc:"With AWS_ROLE_ARN: audience of the identity's token, as the role's identity provider expects it"`
	EndpointURL      string        `env:"AWS_ENDPOINT_URL_SESV2" desc:"Another endpoint than the region's, such as a VPC or FIPS endpoint"`
	STSEndpointURL   string        `env:"AWS_ENDPOINT_URL_STS" desc:"With AWS_ROLE_ARN: another endpoint for the role than the region's"`
	ConfigurationSet string        `env:"SES_CONFIGURATION_SET" desc:"SES configuration set for events and suppression"`
}

// defaultAudience is what Microsoft recommends for tokens that another platform takes.
const defaultAudience = "api://AzureADTokenExchange"

func (c Config) audience() string {
	if c.IdentityAudience == "" {
		return defaultAudience
	}
	return c.IdentityAudience
}

// Validate returns everything that is wrong with the settings, without a request to the vendor.
func (c Config) Validate() config.Problems {
	problems := c.validateCredentials()
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
	for _, endpoint := range []struct{ setting, value string }{
		{"AWS_ENDPOINT_URL_SESV2", c.EndpointURL}, {"AWS_ENDPOINT_URL_STS", c.STSEndpointURL},
	} {
		if endpoint.value != "" {
			problems = append(problems, httpclient.ValidateBaseURL(endpoint.setting, endpoint.value)...)
		}
	}
	if strings.ContainsFunc(c.ConfigurationSet, notInTag) {
		problems = append(problems, config.Problem{
			Setting: "SES_CONFIGURATION_SET", What: "holds a character that no configuration set's name has",
			Remedy: "Give the name alone: letters, digits, hyphens and underscores",
		})
	}
	return problems
}

// validateCredentials wants one way to prove who we are: two would leave open which one counts.
func (c Config) validateCredentials() config.Problems {
	hasKey := c.AccessKeyID != "" || !c.SecretAccessKey.IsZero() || !c.SessionToken.IsZero()
	switch {
	case c.RoleARN == "":
		return c.validateKeys()
	case hasKey:
		return config.Problems{{
			Setting: "AWS_ROLE_ARN", What: "set beside an access key",
			Remedy: "Remove AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or the role",
		}}
	}
	var problems config.Problems
	if !isRoleARN(c.RoleARN) {
		problems = append(problems, config.Problem{
			Setting: "AWS_ROLE_ARN", What: "not the ARN of a role", Remedy: "Give it as IAM shows it, arn:aws:iam::<account>:role/<name>",
		})
	}
	if c.IdentityClientID != "" && !config.IsGUID(c.IdentityClientID) {
		problems = append(problems, config.Problem{
			Setting: "AWS_WEB_IDENTITY_CLIENT_ID", What: "not a GUID", Remedy: "Copy the client id from the identity's overview",
		})
	}
	if !config.IsKeyText(c.IdentityAudience) {
		problems = append(problems, config.Problem{
			Setting: "AWS_WEB_IDENTITY_AUDIENCE", What: "holds a space or a character that no audience has",
			Remedy: "Give the audience that the role's identity provider lists, such as " + defaultAudience,
		})
	}
	return problems
}

// isRoleARN knows arn:aws:iam::123456789012:role/name in every partition (aws, aws-cn, aws-us-gov).
func isRoleARN(arn string) bool {
	parts := strings.SplitN(arn, ":", 6)
	return len(parts) == 6 && parts[0] == "arn" && strings.HasPrefix(parts[1], "aws") && parts[2] == "iam" && parts[3] == "" &&
		len(parts[4]) == 12 && strings.Trim(parts[4], "0123456789") == "" &&
		strings.HasPrefix(parts[5], "role/") && len(parts[5]) > len("role/") && config.IsKeyText(parts[5])
}

func (c Config) validateKeys() config.Problems {
	problems := config.RequireKey("AWS_ACCESS_KEY_ID", redact.NewSecret(c.AccessKeyID),
		"Make an access key for an IAM user that may ses:SendEmail, or set AWS_ROLE_ARN")
	problems = append(problems, config.RequireKey("AWS_SECRET_ACCESS_KEY", c.SecretAccessKey,
		"Give the secret that belongs to AWS_ACCESS_KEY_ID")...)
	if !c.SessionToken.IsZero() {
		problems = append(problems, config.RequireKey("AWS_SESSION_TOKEN", c.SessionToken, "")...)
	}
	return problems
}

// notInRegion guards the host name that the SDK makes of the region.
func notInRegion(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
}
