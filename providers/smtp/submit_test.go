package smtp_test

import (
	"strings"
	"testing"

	"byoe/message"
	"byoe/providers"
	"byoe/providers/providertest"
)

// A sender address that could carry an ESMTP parameter or a second command is never put into MAIL FROM.
func TestSenderAddress(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"a@b.example> SIZE=1", "a@b.example\r\nRCPT TO:<evil@example.org>", `"a b"@b.example`, "nobody", "ü@b.example", "",
	} {
		server := startScript(t, nil)
		s := providertest.Submission(1)
		s.Message.From.Address = address
		_, err := connect(t, testConfig(t, server.address)).Send(t.Context(), s)
		expectFailure(t, err, providers.KindConfig, "sender address")
		if server.told("MAIL") {
			t.Errorf("%q: the server was told %q", address, server.log())
		}
	}
}

func TestSMTPUTF8(t *testing.T) {
	t.Parallel()
	const offering, without = "250-script.test\r\n250-SMTPUTF8\r\n250 AUTH PLAIN", "250-script.test\r\n250 AUTH PLAIN"
	tests := []struct {
		name, to, ehlo string
		parameter      bool
		code           string
	}{
		{"ASCII", "person@example.org", offering, false, ""},
		{"ASCII and a domain beyond it", "person@bücher.example", offering, false, ""},
		{"needed and offered", "用户@example.org", offering, true, ""},
		{"needed and not offered", "用户@example.org", without, false, "smtputf8 not offered"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := startScript(t, script{"EHLO": tt.ehlo})
			to, err := message.ParseAddress(tt.to)
			if err != nil {
				t.Fatal(err)
			}
			s := providertest.Submission(1)
			s.Message.To = to
			_, err = connect(t, testConfig(t, server.address)).Send(t.Context(), s)
			if tt.code != "" {
				expectFailure(t, err, providers.KindRefused, tt.code)
				if server.told("MAIL") {
					t.Error("the mail was begun")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(strings.Join(server.log(), "\n"), " SMTPUTF8"); got != tt.parameter {
				t.Errorf("SMTPUTF8 in MAIL FROM: %v, want %v", got, tt.parameter)
			}
		})
	}
}

func TestReceipt(t *testing.T) {
	t.Parallel()
	fallback := providertest.Submission(1).ID + "@contoso.example"
	code := providertest.Code(1)
	const sesID = "0102018f0a1b2c3d-01234567-89ab-cdef-0123-456789abcdef-000000"
	for reply, want := range map[string]string{
		"250 2.0.0 Ok: queued as 4Fx2Yz1abc":                 "4Fx2Yz1abc",
		"250 Ok: queued as Q_-abcDEF.":                       "Q_-abcDEF",
		"250 OK id=1rXyz0-0001Ab-2C":                         "1rXyz0-0001Ab-2C",
		"250 Ok " + sesID:                                    sesID,
		"250 2.0.0 Ok " + sesID:                              sesID,
		"250-2.0.0 Ok: queued as AAA111\r\n250 2.0.0 thanks": "AAA111",
		"250 2.0.0 OK  1700000000 abc-xyz - gsmtp":           fallback,
		"250 Great success":                                  fallback,
		"250 ok":                                             fallback,
		"250 queued as":                                      fallback,
		"250 queued as <script>":                             fallback,
		"250 queued as person-000001@example.org":            fallback,
		"250 queued as " + code:                              fallback,
		"250 queued as " + strings.Repeat("A", 129):          fallback,
		"250 Mail queued for delivery":                       fallback,
	} {
		t.Run(reply, func(t *testing.T) {
			t.Parallel()
			server := startScript(t, script{".": reply})
			receipt, err := connect(t, testConfig(t, server.address)).Send(t.Context(), providertest.Submission(1))
			if err != nil || receipt.MessageID != want {
				t.Errorf("MessageID is %q, %v; want %q", receipt.MessageID, err, want)
			}
		})
	}
}
