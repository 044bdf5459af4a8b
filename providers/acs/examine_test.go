package acs_test

import (
	"testing"

	"byoe/providers"
	"byoe/providers/providertest"
)

func TestExamine(t *testing.T) {
	t.Parallel()
	examiner, _ := connect(t, "http://127.0.0.1:1").(providers.Examiner)
	told := examiner.Examine(t.Context(), providertest.Senders())
	if len(told) != 2 || told[0].Grade != providers.GradeUnknown || told[1].Grade != providers.GradeDoubtful || told[1].Remedy == "" {
		t.Errorf("%+v", told)
	}
	if told = examiner.Examine(t.Context(), []providers.Sender{{Domain: "contoso.example"}}); len(told) != 1 {
		t.Errorf("a sender without a name: %+v", told)
	}
}

func TestRecords(t *testing.T) {
	t.Parallel()
	publisher, _ := connect(t, "http://127.0.0.1:1").(providers.Publisher)
	if r := publisher.Records("contoso.example"); r.Include != "spf.protection.outlook.com" || len(r.Selectors) != 2 || r.Signer != "contoso.example" {
		t.Errorf("%+v", r)
	}
	if r := publisher.Records("0123.azurecomm.net"); r.Signer != "" || r.Envelope != "" {
		t.Errorf("Azure's own domain: %+v", r)
	}
}
