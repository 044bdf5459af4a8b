package sendgrid_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"byoe/config"
	"byoe/providers/sendgrid"
	"byoe/redact"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	good := sendgrid.Config{APIKey: redact.NewSecret(key), TemplateID: "d-0123"}
	tests := []struct {
		name   string
		change func(*sendgrid.Config)
		want   []string
	}{
		{"good", func(*sendgrid.Config) {}, nil},
		{"EU", func(c *sendgrid.Config) { c.BaseURL = "https://api.eu.sendgrid.com" }, nil},
		{"no key", func(c *sendgrid.Config) { c.APIKey = redact.Secret{} }, []string{"SENDGRID_API_KEY"}},
		{"key with line break", func(c *sendgrid.Config) { c.APIKey = redact.NewSecret(key + "\n") }, []string{"SENDGRID_API_KEY"}},
		{"clear text", func(c *sendgrid.Config) { c.BaseURL = "http://api.sendgrid.com" }, []string{"SENDGRID_BASE_URL"}},
		{"template", func(c *sendgrid.Config) { c.TemplateID = "d-01 23" }, []string{"SENDGRID_TEMPLATE_ID"}},
		{
			"everything", func(c *sendgrid.Config) { *c = sendgrid.Config{BaseURL: "x", TemplateID: "ä"} },
			[]string{"SENDGRID_BASE_URL", "SENDGRID_API_KEY", "SENDGRID_TEMPLATE_ID"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := good
			tt.change(&c)
			var got []string
			for _, problem := range c.Validate() {
				got = append(got, problem.Setting)
				if strings.Contains(problem.Error(), key) {
					t.Errorf("%q holds the key", problem.Error())
				}
			}
			if strings.Join(got, " ") != strings.Join(tt.want, " ") {
				t.Errorf("problems with %v, want %v", got, tt.want)
			}
			_, err := sendgrid.New(c, http.DefaultClient)
			if _, isProblems := errors.AsType[config.Problems](err); isProblems != (len(tt.want) > 0) {
				t.Errorf("New returned %v", err)
			}
		})
	}
}

func TestNewWithoutClient(t *testing.T) {
	t.Parallel()
	if _, err := sendgrid.New(sendgrid.Config{APIKey: redact.NewSecret(key)}, nil); err == nil {
		t.Error("New took a nil client")
	}
}
