package b2c_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"byoe/b2c"
	"byoe/event"
)

const documented = `{"email":"ann@example.com","otp":"023456","locale":"pt-BR","appName":"Contoso","clientId":"11111111-2222-3333-4444-55555555aaaa",
	"correlationId":"corr-1","tenantId":"contoso.onmicrosoft.com","flow":"sign-up","objectId":"passed over","more":{"deep":[1,2]}}`

func decode(t *testing.T, c b2c.Config, body string) *event.Event {
	t.Helper()
	e, err := b2c.NewDecoder(c).Decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestDecode(t *testing.T) {
	t.Parallel()
	e := decode(t, b2c.Config{}, documented)
	for what, values := range map[string][2]string{
		"address":     {e.Identifier.Reveal(), "ann@example.com"},
		"code":        {e.Code.Reveal(), "023456"},
		"locale":      {e.Locale, "pt-BR"},
		"application": {e.Client.Name(), "Contoso"},
		"client id":   {e.Client.AppID, "11111111-2222-3333-4444-55555555aaaa"},
		"correlation": {e.CorrelationID, "corr-1"},
		"tenant":      {e.TenantID, "contoso.onmicrosoft.com"},
		"flow":        {e.Flow.String(), "sign-up"},
		"its word":    {e.RequestType, "sign-up"},
	} {
		if values[0] != values[1] {
			t.Errorf("%s is %q, want %q", what, values[0], values[1])
		}
	}
}

// A policy need not send more than what makes a mail.
func TestOnlyAddressAndCodeAreNeeded(t *testing.T) {
	t.Parallel()
	e := decode(t, b2c.Config{}, `{"EMAIL":"ann@example.com","otp":null,"Otp":"aB3","otp":null,"locale":null,"appName":"","flow":null}`)
	if e.Identifier.Reveal() != "ann@example.com" || e.Code.Reveal() != "aB3" || e.Flow != event.FlowOther || e.TenantID != "b2c" {
		t.Errorf("decoded %+v", e)
	}
}

func TestTenant(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		own, claimed string
		want         string
		permitted    bool
	}{
		"neither":           {"", "", "b2c", true},
		"only claimed":      {"", "contoso.onmicrosoft.com", "contoso.onmicrosoft.com", true},
		"only own":          {"contoso.onmicrosoft.com", "", "contoso.onmicrosoft.com", true},
		"the same":          {"contoso.onmicrosoft.com", "Contoso.onmicrosoft.com", "Contoso.onmicrosoft.com", true},
		"another":           {"contoso.onmicrosoft.com", "fabrikam.onmicrosoft.com", "fabrikam.onmicrosoft.com", false},
		"nothing printable": {"contoso.onmicrosoft.com", "\\u0001", "contoso.onmicrosoft.com", true},
	} {
		c := b2c.Config{Tenant: tt.own}
		e := decode(t, c, `{"email":"a@b.example","otp":"1","tenantId":"`+tt.claimed+`"}`)
		err := b2c.NewDecoder(c).Permit(e)
		if e.TenantID != tt.want || (err == nil) != tt.permitted || err != nil && !errors.Is(err, b2c.ErrTenant) {
			t.Errorf("%s: tenant %q, %v; want %q, permitted %v", name, e.TenantID, err, tt.want, tt.permitted)
		}
	}
}

func TestRenamedClaims(t *testing.T) {
	t.Parallel()
	c := b2c.Config{Claims: []string{"email=signInName", " otp = code ", "locale=ui.lang"}}
	if problems := c.Validate(); len(problems) > 0 {
		t.Fatal(problems)
	}
	e := decode(t, c, `{"signinname":"ann@example.com","code":"1","ui.lang":"ja","appName":"Contoso","email":42,"locale":"de"}`)
	if e.Identifier.Reveal() != "ann@example.com" || e.Code.Reveal() != "1" || e.Locale != "ja" || e.Client.Name() != "Contoso" {
		t.Errorf("decoded %+v", e)
	}
	_, err := b2c.NewDecoder(c).Decode([]byte(`{"email":"ann@example.com","otp":"1"}`))
	if err == nil || err.Error() != "signInName: missing" {
		t.Errorf("the claim's own name is not in %v", err)
	}
}

func TestRefusedBodies(t *testing.T) {
	t.Parallel()
	const address = `"email":"ann@example.com"`
	for name, tt := range map[string]struct{ body, want string }{
		"empty":                    {``, "not one JSON object near byte 0"},
		"no JSON":                  {`otp=023456`, "not one JSON object near byte"},
		"a list":                   {`["ann@example.com"]`, "not one JSON object near byte 1"},
		"a list of them":           {`["email","ann@example.com","otp","023456"]`, "not one JSON object near byte 1"},
		"a text":                   {`"023456"`, "not one JSON object"},
		"null":                     {`null`, "not one JSON object"},
		"cut off":                  {`{` + address + `,"otp":"023456"`, "not one JSON object"},
		"cut off in a value":       {`{` + address + `,"otp":`, "not one JSON object"},
		"wrong brace":              {`{` + address + `,"otp":"023456"]`, "not one JSON object"},
		"more behind it":           {`{` + address + `,"otp":"023456"} {}`, "not one JSON object"},
		"garbage behind it":        {`{` + address + `,"otp":"023456"}x`, "not one JSON object"},
		"no address":               {`{"otp":"023456"}`, "email: missing"},
		"empty address":            {`{"email":"","otp":"023456"}`, "email: missing"},
		"null address":             {`{"email":null,"otp":"023456"}`, "email: missing"},
		"address no text":          {`{"email":["ann@example.com"],"otp":"023456"}`, "email: must be a JSON string"},
		"no code":                  {`{` + address + `}`, "otp: missing"},
		"code a number":            {`{` + address + `,"otp":23456}`, "otp: must be a JSON string"},
		"code with a line break":   {`{` + address + `,"otp":"023456\r\nBcc: eve@example.com"}`, "otp: must be at most 64 ASCII letters or digits"},
		"code with other letters":  {`{` + address + `,"otp":"０２３"}`, "otp: must be at most 64 ASCII letters or digits"},
		"code too long":            {`{` + address + `,"otp":"` + strings.Repeat("1", 65) + `"}`, "otp: must be at most 64 ASCII letters or digits"},
		"two codes":                {`{` + address + `,"otp":"023456","otp":"123456"}`, "otp: given twice with different values"},
		"two codes by letter case": {`{` + address + `,"otp":"023456","OTP":"123456"}`, "otp: given twice with different values"},
		"a code and none":          {`{` + address + `,"otp":"","otp":"123456"}`, "otp: given twice with different values"},
		"two locales":              {`{` + address + `,"otp":"1","locale":"de","locale":"ja"}`, "locale: given twice with different values"},
		"locale no text":           {`{` + address + `,"otp":"1","locale":1033}`, "locale: must be a JSON string"},
		"deep":                     {`{"x":` + strings.Repeat("[", 20000), "not one JSON object"},
	} {
		_, err := b2c.NewDecoder(b2c.Config{}).Decode([]byte(tt.body))
		invalid, ok := errors.AsType[*b2c.Error](err)
		if !ok || !strings.HasPrefix(invalid.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
			continue
		}
		for _, private := range []string{"023456", "123456", "ann@"} {
			if strings.Contains(invalid.Error(), private) {
				t.Errorf("%s: %q tells what was in the body", name, invalid)
			}
		}
	}
}

// The same claim twice with one value is one claim: a proxy may merge what it saw.
func TestRepeatedAlike(t *testing.T) {
	t.Parallel()
	if e := decode(t, b2c.Config{}, `{"email":"a@b.example","otp":"1","Otp":"1"}`); e.Code.Reveal() != "1" {
		t.Errorf("decoded %+v", e)
	}
}

// What ends in a log is bounded and printable, whoever made it up.
func TestWordsAreClean(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1000)
	e := decode(t, b2c.Config{}, `{"email":"a@b.example","otp":"1","correlationId":"a\r\nb`+long+`","locale":"de\u0000","clientId":"é1","flow":"`+long+`"}`)
	if len(e.CorrelationID) != 64 || strings.ContainsAny(e.CorrelationID, "\r\n") || e.Locale != "de" || e.Client.AppID != "1" || len(e.RequestType) != 64 {
		t.Errorf("decoded %+v", e)
	}
}

func TestPrintedEventShowsNothing(t *testing.T) {
	t.Parallel()
	e := decode(t, b2c.Config{}, documented)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		printed := fmt.Sprintf(verb, *e)
		for _, private := range []string{"ann@", "023456", fmt.Sprintf("%x", "023456")} {
			if strings.Contains(printed, private) {
				t.Errorf("%s shows %q in %s", verb, private, printed)
			}
		}
	}
}

func FuzzClaims(f *testing.F) {
	f.Add([]byte(documented))
	f.Add([]byte(`{"email":"a@b.example","otp":"1","OTP":"2"}`))
	f.Add([]byte(`{"signInName":"a@b.example","code":"1"}`))
	f.Add([]byte(`{"":{"":`))
	decoders := []*b2c.Decoder{b2c.NewDecoder(b2c.Config{}), b2c.NewDecoder(b2c.Config{Claims: []string{"email=signInName", "otp=code"}, Tenant: "t"})}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, d := range decoders {
			e, err := d.Decode(body)
			if err != nil {
				if invalid, ok := errors.AsType[*b2c.Error](err); !ok || len(invalid.Error()) > 100 {
					t.Fatalf("error %T: %v", err, err)
				}
				continue
			}
			if e.Identifier.IsZero() || !event.IsCode(e.Code.Reveal()) || e.TenantID == "" {
				t.Fatalf("accepted without the essentials: %+v", e)
			}
			for _, word := range []string{e.TenantID, e.CorrelationID, e.RequestType, e.Locale, e.Client.AppID} {
				if event.Printable(word) != word {
					t.Fatalf("%q is not fit for a log", word)
				}
			}
		}
	})
}
