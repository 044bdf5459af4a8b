package b2c_test

import (
	"strings"
	"testing"
	"time"

	"byoe/b2c"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		config b2c.Config
		want   []string
	}{
		"nothing":              {b2c.Config{}, nil},
		"swapped":              {b2c.Config{Claims: []string{"email=otp", "otp=email"}}, nil},
		"no pair":              {b2c.Config{Claims: []string{"signInName"}}, []string{"B2C_CLAIMS: has an item without ="}},
		"unknown":              {b2c.Config{Claims: []string{"mail=signInName"}}, []string{"B2C_CLAIMS: renames a claim that byoe does not read"}},
		"twice":                {b2c.Config{Claims: []string{"email=a", "email=b"}}, []string{"B2C_CLAIMS: renames email twice"}},
		"empty":                {b2c.Config{Claims: []string{"email="}}, []string{"B2C_CLAIMS: has no usable name for email"}},
		"with a space":         {b2c.Config{Claims: []string{"email=sign in"}}, []string{"B2C_CLAIMS: has no usable name for email"}},
		"too long":             {b2c.Config{Claims: []string{"email=" + strings.Repeat("x", 129)}}, []string{"B2C_CLAIMS: has no usable name for email"}},
		"one claim for two":    {b2c.Config{Claims: []string{"otp=EMAIL"}}, []string{"B2C_CLAIMS: reads email and otp from one claim"}},
		"every problem":        {b2c.Config{Claims: []string{"x", "y=z", "otp="}, Validity: time.Second}, []string{"B2C_CLAIMS: has an item", "B2C_CLAIMS: renames", "B2C_CLAIMS: has no", "B2C_OTP_VALIDITY: not"}},
		"ten minutes":          {b2c.Config{Validity: 10 * time.Minute}, nil},
		"longer than B2C's":    {b2c.Config{Validity: 21 * time.Minute}, []string{"B2C_OTP_VALIDITY: not a whole number"}},
		"negative":             {b2c.Config{Validity: -time.Minute}, []string{"B2C_OTP_VALIDITY: not a whole number"}},
		"a minute and a half":  {b2c.Config{Validity: 90 * time.Second}, []string{"B2C_OTP_VALIDITY: not a whole number"}},
		"as long as B2C's can": {b2c.Config{Validity: 20 * time.Minute}, nil},
	} {
		problems := tt.config.Validate()
		if len(problems) != len(tt.want) {
			t.Errorf("%s: problems are %v, want %q", name, problems, tt.want)
			continue
		}
		for i, want := range tt.want {
			if !strings.HasPrefix(problems[i].Error(), want) || problems[i].Remedy == "" {
				t.Errorf("%s: %v, want %s and a remedy", name, problems[i], want)
			}
		}
	}
}
