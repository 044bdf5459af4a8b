package sendgrid_test

import (
	"strconv"
	"testing"

	"byoe/providers"
	"byoe/providers/providertest"
	"byoe/providers/sendgrid"
	"byoe/redact"
)

// TestContract sends to a mock that Prism makes of SendGrid's own API description, and hears each of its answers.
func TestContract(t *testing.T) {
	url := providertest.Prism(t, "sendgrid", "tsg_mail_v3.mock.json")

	for name, templateID := range map[string]string{"plain": "", "template": "d-0123456789abcdef0123456789abcdef"} {
		t.Run(name, func(t *testing.T) {
			provider := contractProvider(t, url, templateID, "")
			if _, err := provider.Send(t.Context(), providertest.Submission(1)); err != nil {
				t.Errorf("Send returned %v", err)
			}
			if proven, err := provider.Check(t.Context(), providertest.Submission(1)); err != nil {
				t.Errorf("Check returned %q, %v", proven, err)
			}
		})
	}
	// The answers of the description itself.
	for status, kind := range map[int]providers.Kind{
		400: providers.KindConfig, 401: providers.KindAuth, 403: providers.KindAuth, 404: providers.KindConfig,
		413: providers.KindConfig, 429: providers.KindThrottled, 500: providers.KindTemporary, 503: providers.KindTemporary,
	} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			prefer := "code=" + strconv.Itoa(status)
			_, err := contractProvider(t, url, "", prefer).Send(t.Context(), providertest.Submission(1))
			if providers.KindOf(err) != kind {
				t.Errorf("Send returned %v, want %v", err, kind)
			}
		})
	}
}

func contractProvider(t *testing.T, url, templateID, prefer string) *sendgrid.Provider {
	t.Helper()
	provider, err := sendgrid.New(sendgrid.Config{
		APIKey: redact.NewSecret(key), BaseURL: url, TemplateID: templateID,
	}, providertest.PrismClient(t, prefer))
	if err != nil {
		t.Fatal(err)
	}
	return provider
}
