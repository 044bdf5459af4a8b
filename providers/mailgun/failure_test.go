package mailgun_test

import (
	"testing"

	"byoe/providers"
	"byoe/providers/providertest"
)

func complaint(message string) string { return `{"message":"` + message + `"}` }

func TestAnswers(t *testing.T) {
	t.Parallel()
	providertest.RunAnswers(t, connect, append(
		providertest.CommonAnswers(),
		providertest.Answer{Status: 200, Body: `{"id":"<20261124.1.ABC@mg.contoso.example>","message":"Queued"}`, Accepted: true, Code: "20261124.1.ABC"},
		providertest.Answer{Name: "bare id", Status: 200, Body: `{"id":"20261124.1.ABC@mg.contoso.example"}`, Accepted: true, Code: "20261124.1.ABC"},
		providertest.Answer{Name: "another domain", Status: 200, Body: `{"id":"<person@example.org>"}`, Accepted: true},
		providertest.Answer{Name: "no id", Status: 200, Body: `{"message":"Queued"}`, Kind: providers.KindAmbiguous, Code: "200"},
		providertest.Answer{Name: "a page", Status: 200, Body: "Mailgun Magnificent API", Kind: providers.KindAmbiguous, Code: "200"},
		providertest.Answer{Name: "another success", Status: 202, Body: `{"id":"<1@mg.contoso.example>"}`, Kind: providers.KindAmbiguous, Code: "202"},
		providertest.Answer{Name: "to", Status: 400, Body: complaint("to parameter is not a valid address. please check documentation"), Kind: providers.KindInvalidAddress, Code: "400 to"},
		providertest.Answer{Name: "to in quotes", Status: 400, Body: complaint("'to' parameter is not a valid address"), Kind: providers.KindInvalidAddress, Code: "400 to"},
		providertest.Answer{Name: "from", Status: 400, Body: complaint("from parameter is not a valid address"), Kind: providers.KindConfig, Code: "400 address"},
		providertest.Answer{Name: "to missing", Status: 400, Body: complaint("to parameter is missing"), Kind: providers.KindConfig, Code: "400"},
		providertest.Answer{Name: "a page", Status: 400, Body: "<html>", Kind: providers.KindConfig, Code: "400"},
		providertest.Answer{Name: "key", Status: 401, Body: complaint("Invalid private key"), Kind: providers.KindAuth, Code: "401"},
		providertest.Answer{Name: "legacy failure", Status: 402, Kind: providers.KindConfig, Code: "402"},
		providertest.Answer{Name: "sandbox", Status: 403, Body: complaint("Domain sandbox is not allowed to send: Please add the address to authorized recipients"), Kind: providers.KindConfig, Code: "403 sandbox domain"},
		providertest.Answer{Name: "key of another domain", Status: 403, Body: complaint("Forbidden"), Kind: providers.KindAuth, Code: "403"},
		providertest.Answer{Name: "domain", Status: 404, Body: complaint("Domain not found: mg.contoso.example"), Kind: providers.KindConfig, Code: "404 domain"},
		providertest.Answer{Name: "region", Status: 404, Body: "404 page not found", Kind: providers.KindConfig, Code: "404 no API here"},
		providertest.Answer{Name: "prose", Status: 429, Body: complaint("to parameter is not a valid address"), Kind: providers.KindThrottled, Code: "429"},
		providertest.Answer{Name: "prose", Status: 500, Body: complaint("to parameter is not a valid address"), Kind: providers.KindTemporary, Code: "500"},
	))
}
