package credential_test

import (
	"strings"
	"testing"

	"byoe/b2c/credential"
	"byoe/redact"
)

func TestConfigured(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		config credential.Config
		want   bool
	}{
		"nothing":    {credential.Config{APIKeyHeader: "x-api-key", BearerAuthority: authority}, false},
		"a name":     {credential.Config{BasicUsername: "b2c"}, true},
		"a password": {credential.Config{BasicPasswords: redact.NewSecret("x")}, true},
		"a key":      {credential.Config{APIKeys: redact.NewSecret("x")}, true},
		"a tenant":   {credential.Config{BearerTenant: "x"}, true},
		"an app":     {credential.Config{BearerApps: []string{"x"}}, true},
		"audience":   {credential.Config{BearerAudience: "x"}, true},
	} {
		if got := tt.config.Configured(); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	secret := redact.NewSecret(first)
	token := credential.Config{BearerTenant: tenantID, BearerAudience: audienceID, BearerApps: []string{otherID}}
	for name, tt := range map[string]struct {
		config credential.Config
		want   string
	}{
		"nothing":                 {credential.Config{}, ""},
		"key":                     {credential.Config{APIKeys: secret}, ""},
		"two keys":                {credential.Config{APIKeys: redact.NewSecret(first + "," + second)}, ""},
		"short key":               {credential.Config{APIKeys: redact.NewSecret(first[:31])}, "B2C_API_KEYS: shorter than 32"},
		"short key among others":  {credential.Config{APIKeys: redact.NewSecret(first + ",hunter2")}, "B2C_API_KEYS: shorter than 32"},
		"only commas":             {credential.Config{APIKeys: redact.NewSecret(" , ,")}, "B2C_API_KEYS: not set"},
		"key with a blank":        {credential.Config{APIKeys: redact.NewSecret("x " + first)}, "B2C_API_KEYS: holds a space"},
		"the host's own field":    {credential.Config{APIKeys: secret, APIKeyHeader: "X-Functions-Key"}, "B2C_API_KEY_HEADER: no header field"},
		"the field of the others": {credential.Config{APIKeys: secret, APIKeyHeader: "Authorization"}, "B2C_API_KEY_HEADER: no header field"},
		"no field":                {credential.Config{APIKeys: secret, APIKeyHeader: "x api key"}, "B2C_API_KEY_HEADER: no header field"},
		"basic":                   {credential.Config{BasicUsername: "b2c", BasicPasswords: secret}, ""},
		"no password":             {credential.Config{BasicUsername: "b2c"}, "B2C_BASIC_PASSWORD: not set"},
		"short password":          {credential.Config{BasicUsername: "b2c", BasicPasswords: redact.NewSecret("hunter2")}, "B2C_BASIC_PASSWORD: shorter"},
		"no user":                 {credential.Config{BasicPasswords: secret}, "B2C_BASIC_USERNAME: not set"},
		"user with a colon":       {credential.Config{BasicUsername: "b2c:", BasicPasswords: secret}, "B2C_BASIC_USERNAME: has a colon"},
		"token":                   {token, ""},
		"only its tenant":         {credential.Config{BearerTenant: tenantID}, "B2C_BEARER_AUDIENCE: not set|B2C_BEARER_ALLOWED_APPS: not a GUID"},
		"only its audience":       {credential.Config{BearerAudience: audienceID}, "B2C_BEARER_TENANT_ID: not set|B2C_BEARER_ALLOWED_APPS: not a GUID"},
		"tenant by name":          {credential.Config{BearerTenant: "contoso", BearerAudience: audienceID, BearerApps: []string{otherID}}, "B2C_BEARER_TENANT_ID: not a GUID"},
		"a second app by name":    {credential.Config{BearerTenant: tenantID, BearerAudience: audienceID, BearerApps: []string{otherID, "contoso"}}, "B2C_BEARER_ALLOWED_APPS: not a GUID"},
		"authority":               {credential.Config{BearerTenant: tenantID, BearerAudience: audienceID, BearerApps: []string{otherID}, BearerAuthority: "http://login.example"}, "B2C_BEARER_AUTHORITY: not https"},
		"every problem":           {credential.Config{BasicUsername: "b2c", APIKeys: redact.NewSecret("x"), BearerTenant: "x"}, "B2C_BASIC_PASSWORD: not set|B2C_API_KEYS: shorter|B2C_BEARER_TENANT_ID: not a GUID|B2C_BEARER_AUDIENCE: not set|B2C_BEARER_ALLOWED_APPS: not a GUID"},
	} {
		tt.config.BearerAuthority = orElse(tt.config.BearerAuthority, authority)
		problems := tt.config.Validate()
		wants := strings.Split(tt.want, "|")
		if tt.want == "" {
			wants = nil
		}
		if len(problems) != len(wants) {
			t.Errorf("%s: problems are %v, want %q", name, problems, tt.want)
			continue
		}
		for i, want := range wants {
			told := problems[i].Error()
			if !strings.HasPrefix(told, want) || problems[i].Remedy == "" || strings.Contains(told, "ENTRA_") || strings.Contains(told, "hunter2") {
				t.Errorf("%s: %s, want %s and a remedy", name, told, want)
			}
		}
	}
}
