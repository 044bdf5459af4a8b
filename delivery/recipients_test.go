package delivery_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"byoe/delivery"
	"byoe/delivery/claims/memory"
	"byoe/message"
	"byoe/providers"
	"byoe/redact"
)

// addressed is an order whose message has a recipient too.
func addressed(t *testing.T, address, code string) delivery.Order {
	t.Helper()
	to, err := message.ParseAddress(address)
	if err != nil {
		t.Fatal(err)
	}
	o := order(code)
	o.Recipient = redact.NewSecret(address)
	o.Message = &message.Message{To: to}
	return o
}

func picky(c delivery.RecipientConfig, v *vendor) *delivery.Deliverer {
	return delivery.New(settings(), c, delivery.Parts{Providers: []providers.Provider{v}, Claims: memory.New()})
}

func TestDomainsThatGetMail(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		config  delivery.RecipientConfig
		address string
		result  delivery.Result
	}{
		"no policy":                 {delivery.RecipientConfig{}, "ann@contoso.example", delivery.Accepted},
		"allowed":                   {delivery.RecipientConfig{Allow: []string{"fabrikam.example", "Contoso.example"}}, "ann@contoso.example", delivery.Accepted},
		"not allowed":               {delivery.RecipientConfig{Allow: []string{"fabrikam.example"}}, "ann@contoso.example", delivery.RecipientDenied},
		"below an allowed one":      {delivery.RecipientConfig{Allow: []string{"contoso.example"}}, "ann@mail.contoso.example", delivery.RecipientDenied},
		"below a wildcard":          {delivery.RecipientConfig{Allow: []string{"*.contoso.example"}}, "ann@mail.contoso.example", delivery.Accepted},
		"the wildcard's own domain": {delivery.RecipientConfig{Allow: []string{"*.contoso.example"}}, "ann@contoso.example", delivery.RecipientDenied},
		"a name that ends alike":    {delivery.RecipientConfig{Allow: []string{"*.contoso.example"}}, "ann@evilcontoso.example", delivery.RecipientDenied},
		"denied":                    {delivery.RecipientConfig{Deny: []string{"contoso.example"}}, "ann@CONTOSO.example", delivery.RecipientDenied},
		"denied and allowed":        {delivery.RecipientConfig{Deny: []string{"contoso.example"}, Allow: []string{"contoso.example"}}, "ann@contoso.example", delivery.RecipientDenied},
		"denied and dropped":        {delivery.RecipientConfig{Deny: []string{"contoso.example"}, Refusal: "drop"}, "ann@contoso.example", delivery.Dropped},
		"an internationalised name": {delivery.RecipientConfig{Deny: []string{"xn--bcher-kva.example"}}, "ann@bücher.example", delivery.RecipientDenied},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := &vendor{name: "a"}
			got := picky(c.config, v).Deliver(t.Context(), addressed(t, c.address, "1")).Result()
			if got != c.result || (got == delivery.Accepted) != (v.sent == 1) {
				t.Errorf("%s, %d mails; want %s", got, v.sent, c.result)
			}
		})
	}
}

func TestLimitPerAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{name: "a"}
		d := picky(delivery.RecipientConfig{Limit: "2/10m"}, v)
		send := func(address, code string) delivery.Result {
			return d.Deliver(t.Context(), addressed(t, address, code)).Result()
		}
		if got := []delivery.Result{send("ann@contoso.example", "1"), send("ann@contoso.example", "1"), send("Ann@contoso.example", "2")}; got[0] != delivery.Accepted || got[1] != delivery.Accepted || got[2] != delivery.Accepted {
			t.Errorf("two codes and a retry: %v", got)
		}
		if got := send("ann@contoso.example", "3"); got != delivery.RecipientLimited || v.sent != 2 {
			t.Errorf("the third code: %s, %d mails", got, v.sent)
		}
		if got := send("bob@contoso.example", "3"); got != delivery.Accepted {
			t.Errorf("another person's: %s", got)
		}
		time.Sleep(10 * time.Minute)
		if got := send("ann@contoso.example", "4"); got != delivery.Accepted {
			t.Errorf("ten minutes later: %s", got)
		}
		dropping := picky(delivery.RecipientConfig{Limit: "1/1h", Refusal: "drop"}, v)
		dropping.Deliver(t.Context(), addressed(t, "ann@contoso.example", "5"))
		if got := dropping.Deliver(t.Context(), addressed(t, "ann@contoso.example", "6")).Result(); got != delivery.Dropped {
			t.Errorf("with RECIPIENT_REFUSAL=drop: %s", got)
		}
	})
}

func TestRecipientSettings(t *testing.T) {
	t.Parallel()
	good := delivery.RecipientConfig{Allow: []string{"contoso.example", "*.contoso.example"}, Limit: "10/10m", Refusal: "drop"}
	if problems := good.Validate(); len(problems) != 0 {
		t.Errorf("good settings: %v", problems)
	}
	for want, change := range map[string]func(c *delivery.RecipientConfig){
		"RECIPIENT_ALLOW: ":   func(c *delivery.RecipientConfig) { c.Allow = []string{"ann@contoso.example"} },
		"RECIPIENT_DENY: ":    func(c *delivery.RecipientConfig) { c.Deny = []string{"*"} },
		"RECIPIENT_DENY: n":   func(c *delivery.RecipientConfig) { c.Deny = []string{"a.*.example"} },
		"RECIPIENT_LIMIT: ":   func(c *delivery.RecipientConfig) { c.Limit = "10" },
		"RECIPIENT_LIMIT: n":  func(c *delivery.RecipientConfig) { c.Limit = "0/10m" },
		"RECIPIENT_LIMIT: no": func(c *delivery.RecipientConfig) { c.Limit = "1/-10m" },
		"RECIPIENT_REFUSAL: ": func(c *delivery.RecipientConfig) { c.Refusal = "bounce" },
	} {
		c := good
		change(&c)
		if problems := c.Validate(); len(problems) != 1 || !strings.HasPrefix(problems[0].Error(), want) {
			t.Errorf("%s: %v", want, problems)
		}
	}
}
