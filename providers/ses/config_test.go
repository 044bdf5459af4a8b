package ses_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"byoe/config"
	"byoe/providers/ses"
	"byoe/redact"
)

const roleARN = "arn:aws:iam::123456789012:role/mail"

func withRole(c ses.Config) ses.Config {
	c.AccessKeyID, c.SecretAccessKey, c.SessionToken, c.RoleARN = "", redact.Secret{}, redact.Secret{}, roleARN
	return c
}

func TestValidate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*ses.Config)
		want   []string
	}{
		{"good", func(*ses.Config) {}, nil},
		{"the region's endpoint", func(c *ses.Config) { c.EndpointURL = "" }, nil},
		{
			"nothing", func(c *ses.Config) { *c = ses.Config{} },
			[]string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"},
		},
		{"region that is a host", func(c *ses.Config) { c.Region = "evil.example/" }, []string{"AWS_REGION"}},
		{"key with line break", func(c *ses.Config) { c.AccessKeyID += "\n" }, []string{"AWS_ACCESS_KEY_ID"}},
		{
			"secret with space", func(c *ses.Config) { c.SecretAccessKey = redact.NewSecret(secret + " ") },
			[]string{"AWS_SECRET_ACCESS_KEY"},
		},
		{
			"token with line break", func(c *ses.Config) { c.SessionToken = redact.NewSecret(token + "\r") },
			[]string{"AWS_SESSION_TOKEN"},
		},
		{"role", func(c *ses.Config) { *c = withRole(*c) }, nil},
		{"role in China", func(c *ses.Config) { *c = withRole(*c); c.RoleARN = "arn:aws-cn:iam::123456789012:role/path/mail" }, nil},
		{"role and key", func(c *ses.Config) { c.RoleARN = roleARN }, []string{"AWS_ROLE_ARN"}},
		{"role by name", func(c *ses.Config) { *c = withRole(*c); c.RoleARN = "mail" }, []string{"AWS_ROLE_ARN"}},
		{"user for a role", func(c *ses.Config) { *c = withRole(*c); c.RoleARN = "arn:aws:iam::123456789012:user/mail" }, []string{"AWS_ROLE_ARN"}},
		{"role of nobody", func(c *ses.Config) { *c = withRole(*c); c.RoleARN = "arn:aws:iam::123:role/mail" }, []string{"AWS_ROLE_ARN"}},
		{"identity by name", func(c *ses.Config) { *c = withRole(*c); c.IdentityClientID = "me" }, []string{"AWS_WEB_IDENTITY_CLIENT_ID"}},
		{"odd audience", func(c *ses.Config) { *c = withRole(*c); c.IdentityAudience = "a b" }, []string{"AWS_WEB_IDENTITY_AUDIENCE"}},
		{"token service in clear text", func(c *ses.Config) { c.STSEndpointURL = "http://sts.example" }, []string{"AWS_ENDPOINT_URL_STS"}},
		{"clear text", func(c *ses.Config) { c.EndpointURL = "http://email.example" }, []string{"AWS_ENDPOINT_URL_SESV2"}},
		{"configuration set", func(c *ses.Config) { c.ConfigurationSet = "arn:aws:x" }, []string{"SES_CONFIGURATION_SET"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := testConfig("127.0.0.1:1")
			tt.change(&c)
			var got []string
			for _, problem := range c.Validate() {
				got = append(got, problem.Setting)
				if text := problem.Error(); strings.Contains(text, secret) || strings.Contains(text, token) {
					t.Errorf("%q holds a secret", text)
				}
			}
			if strings.Join(got, " ") != strings.Join(tt.want, " ") {
				t.Errorf("problems with %v, want %v", got, tt.want)
			}
			_, err := ses.New(c, http.DefaultClient)
			if _, isProblems := errors.AsType[config.Problems](err); isProblems != (len(tt.want) > 0) {
				t.Errorf("New returned %v", err)
			}
		})
	}
}

func TestNewWithoutClient(t *testing.T) {
	t.Parallel()
	if _, err := ses.New(testConfig("127.0.0.1:1"), nil); err == nil {
		t.Error("New took a nil client")
	}
}
