package doctor_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	miekg "github.com/miekg/dns"

	"byoe/doctor"
	"byoe/doctor/dns"
	"byoe/doctor/dnstest"
	"byoe/providers"
)

// azure wants its include at the sender's domain and two fixed selectors, as Azure Communication Services does.
func azure(domain string) providers.Records {
	return providers.Records{Envelope: domain, Include: "spf.vendor.example", Signer: domain, Selectors: []string{"one", "two"}}
}

// sender makes the checks of contoso.example against a server that knows these records beside an MX.
func sender(server *dnstest.Server, vendors ...doctor.Vendor) doctor.Sender {
	return doctor.Sender{Client: &dns.Client{Servers: []string{server.Address}}, Domains: []string{"contoso.example"}, Vendors: vendors}
}

const mx = `contoso.example. MX 10 mx.contoso.example.`

func TestDomain(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		records          []string
		prepare          func(s *dnstest.Server)
		verdict          doctor.Verdict
		evidence, remedy string
	}{
		"MX":       {[]string{mx}, nil, doctor.OK, "1 mail server", ""},
		"null MX":  {[]string{`contoso.example. MX 0 .`}, nil, doctor.Warn, "null MX", "Remove the null MX"},
		"A alone":  {[]string{`contoso.example. A 192.0.2.1`}, nil, doctor.Warn, "no MX record", "MX record"},
		"neither":  {[]string{`contoso.example. TXT "x"`}, nil, doctor.Fail, "neither MX nor address", "MX record"},
		"no name":  {nil, nil, doctor.Fail, "NXDOMAIN", "spelling in MAIL_FROM"},
		"SERVFAIL": {nil, func(s *dnstest.Server) { s.Answer("contoso.example", miekg.RcodeServerFailure) }, doctor.Fail, "ServerFailure", "DNSSEC"},
		"silence":  {nil, func(s *dnstest.Server) { s.Ignore("contoso.example") }, doctor.Skip, "no answer", "--dns"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := dnstest.Serve(t, tt.records...)
			if tt.prepare != nil {
				tt.prepare(server)
			}
			results := doctor.Run(t.Context(), sender(server).Checks())
			want(t, find(t, results, "sender.domain contoso.example"), tt.verdict, tt.evidence, tt.remedy)
			if tt.verdict == doctor.Fail || tt.verdict == doctor.Skip {
				want(t, find(t, results, "sender.dmarc contoso.example"), doctor.Skip, "Domain contoso.example", "")
			}
		})
	}
}

// includes makes the records of a chain: includeN includes the next, and the last lists an address.
func includes(from, to int) []string {
	var records []string
	for i := from; i < to; i++ {
		records = append(records, fmt.Sprintf(`include%d.example. TXT "v=spf1 include:include%d.example ~all"`, i, i+1))
	}
	return append(records, fmt.Sprintf(`include%d.example. TXT "v=spf1 ip4:192.0.2.1 ~all"`, to))
}

func TestSPF(t *testing.T) {
	t.Parallel()
	vendorSPF := `spf.vendor.example. TXT "v=spf1 ip4:192.0.2.0/24 ~all"`
	own := func(record string) string { return `contoso.example. TXT "` + record + `"` }
	for name, tt := range map[string]struct {
		records          []string
		prepare          func(s *dnstest.Server)
		verdict          doctor.Verdict
		evidence, remedy string
	}{
		"in order":              {[]string{own("v=spf1 include:spf.vendor.example -all"), vendorSPF}, nil, doctor.OK, "1 look-up of 10", ""},
		"in other letters":      {[]string{own("V=SPF1 INCLUDE:SPF.vendor.example ~ALL"), vendorSPF}, nil, doctor.OK, "1 look-up of 10", ""},
		"below another":         {[]string{own("v=spf1 redirect=our.example"), `our.example. TXT "v=spf1 include:spf.vendor.example ~all"`, vendorSPF}, nil, doctor.OK, "2 look-ups", ""},
		"redirect after all":    {[]string{own("v=spf1 include:spf.vendor.example -all redirect=nowhere.example"), vendorSPF}, nil, doctor.OK, "1 look-up", ""},
		"none":                  {nil, nil, doctor.Fail, "no SPF record", "include:spf.vendor.example ~all"},
		"two":                   {[]string{own("v=spf1 include:spf.vendor.example -all"), own("v=spf1 -all"), vendorSPF}, nil, doctor.Fail, "more than one", "one record of them"},
		"other TXT beside it":   {[]string{own("v=spf10 nonsense"), own("spf2.0/pra"), own("v=spf1 include:spf.vendor.example -all"), vendorSPF}, nil, doctor.OK, "", ""},
		"not the vendor":        {[]string{own("v=spf1 -all")}, nil, doctor.Fail, "does not include spf.vendor.example", "Add include:spf.vendor.example"},
		"addresses instead":     {[]string{own("v=spf1 ip4:192.0.2.7 -all")}, nil, doctor.Warn, "does not include", "unless the addresses"},
		"everybody":             {[]string{own("v=spf1 include:spf.vendor.example +all"), vendorSPF}, nil, doctor.Fail, "everybody", "-all"},
		"ptr":                   {[]string{own("v=spf1 include:spf.vendor.example ptr -all"), vendorSPF}, nil, doctor.Warn, "ptr", "include"},
		"macro":                 {[]string{own("v=spf1 include:spf.vendor.example exists:%{i}.x.example -all"), vendorSPF}, nil, doctor.OK, "2 look-ups", ""},
		"ten":                   {append(includes(1, 9), own("v=spf1 include:spf.vendor.example include:include1.example -all"), vendorSPF), nil, doctor.OK, "10 look-ups", ""},
		"eleven":                {append(includes(1, 10), own("v=spf1 include:spf.vendor.example include:include1.example -all"), vendorSPF), nil, doctor.Fail, "11 look-ups", "subdomain"},
		"without end":           {append(includes(1, 60), own("v=spf1 include:include1.example -all")), nil, doctor.Fail, "too many others", "Take that include out"},
		"itself":                {[]string{own("v=spf1 include:a.example -all"), `a.example. TXT "v=spf1 include:b.example ~all"`, `b.example. TXT "v=spf1 include:A.example ~all"`}, nil, doctor.Fail, "a.example includes itself", "leads back"},
		"include of nothing":    {[]string{own("v=spf1 include:nowhere.example -all")}, nil, doctor.Fail, "nowhere.example, which has no SPF record", "Take that include out"},
		"include of two":        {[]string{own("v=spf1 include:a.example -all"), `a.example. TXT "v=spf1 -all"`, `a.example. TXT "v=spf1 ~all"`}, nil, doctor.Fail, "a.example has more than one", "whoever owns it"},
		"unreadable":            {[]string{own("v=spf1 includes:spf.vendor.example -all")}, nil, doctor.Fail, "cannot be read", "one space"},
		"include unreadable":    {[]string{own("v=spf1 include:a.example -all"), `a.example. TXT "v=spf1 ip4:1.2.3 -all"`}, nil, doctor.Fail, "a.example not written", "whoever owns it"},
		"two void":              {[]string{own("v=spf1 include:spf.vendor.example a:x.example mx:y.example -all"), vendorSPF}, nil, doctor.OK, "3 look-ups", ""},
		"three void":            {[]string{own("v=spf1 include:spf.vendor.example a:x.example mx:y.example exists:z.example -all"), vendorSPF}, nil, doctor.Fail, "3 hosts that do not exist", "a and mx"},
		"not void by IPv6":      {[]string{own("v=spf1 include:spf.vendor.example a:h.example a:h.example a:h.example mx -all"), `h.example. AAAA 2001:db8::1`, vendorSPF}, nil, doctor.OK, "5 look-ups", ""},
		"an include's SERVFAIL": {[]string{own("v=spf1 include:a.example -all")}, func(s *dnstest.Server) { s.Answer("a.example", miekg.RcodeServerFailure) }, doctor.Fail, "ServerFailure", "its own servers"},
		"an include's silence":  {[]string{own("v=spf1 include:a.example -all")}, func(s *dnstest.Server) { s.Ignore("a.example") }, doctor.Skip, "no answer", "--dns"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := dnstest.Serve(t, append(tt.records, mx)...)
			if tt.prepare != nil {
				tt.prepare(server)
			}
			results := doctor.Run(t.Context(), sender(server, doctor.Vendor{Name: "azure", Records: azure}).Checks())
			want(t, find(t, results, "sender.spf contoso.example azure"), tt.verdict, tt.evidence, tt.remedy)
		})
	}
}

// Where the return path is the vendor's own nothing is asked; of a mail server of the owner's own little is claimed; and a
// return path that the owner may have chosen is no fault where it is missing.
func TestSPFByVendor(t *testing.T) {
	t.Parallel()
	server := dnstest.Serve(t, mx)
	foreign := doctor.Vendor{Name: "foreign", Records: func(domain string) providers.Records { return providers.Records{Signer: domain} }}
	results := doctor.Run(t.Context(), sender(server, foreign).Checks())
	want(t, find(t, results, "sender.spf contoso.example"), doctor.OK, "none, and no code depends on it", "")
	server.Add(`contoso.example. TXT "v=spf1 include:nowhere.example -all"`)
	results = doctor.Run(t.Context(), sender(server, foreign).Checks())
	want(t, find(t, results, "sender.spf contoso.example"), doctor.Warn, "no code depends on it", "Take that include out")
	server = dnstest.Serve(t, mx)
	owned := doctor.Vendor{Name: "owned", Records: func(string) providers.Records { return providers.Records{} }}
	results = doctor.Run(t.Context(), sender(server, owned).Checks())
	want(t, find(t, results, "sender.dkim contoso.example"), doctor.OK, "provider's own", "")
	chosen := doctor.Vendor{Name: "chosen", Records: func(domain string) providers.Records {
		return providers.Records{Envelope: "send." + domain, Include: "x.example", Signer: domain, Chosen: true}
	}}
	results = doctor.Run(t.Context(), sender(server, chosen, doctor.Vendor{Name: "smtp"}).Checks())
	want(t, find(t, results, "sender.spf contoso.example chosen"), doctor.Warn, "no SPF record at send.contoso.example", "return path")
	want(t, find(t, results, "sender.spf contoso.example smtp"), doctor.Warn, "no SPF record", "mail server")
}

// key is a DKIM record of this many bits.
func key(t *testing.T, bits int) string {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(raw)
}

// strs writes a text as the strings of 255 octets that a TXT record has.
func strs(text string) string {
	var b strings.Builder
	for len(text) > 255 {
		b.WriteString(`"` + text[:255] + `" `)
		text = text[255:]
	}
	return b.String() + `"` + text + `"`
}

func TestDKIM(t *testing.T) {
	t.Parallel()
	good := strs(key(t, 2048))
	short := strs(key(t, 1024))
	one := func(rest string) string { return `one._domainkey.contoso.example. ` + rest }
	for name, tt := range map[string]struct {
		records          []string
		prepare          func(s *dnstest.Server)
		verdict          doctor.Verdict
		evidence, remedy string
	}{
		"both":         {[]string{one("TXT " + good), `two._domainkey.contoso.example. TXT ` + good}, nil, doctor.OK, "key at one, two", ""},
		"one":          {[]string{one("TXT " + good)}, nil, doctor.OK, "key at one", ""},
		"1024 bits":    {[]string{one("TXT " + short)}, nil, doctor.OK, "key at one", ""},
		"by CNAME":     {[]string{one("CNAME keys.vendor.example."), `keys.vendor.example. TXT ` + good}, nil, doctor.OK, "key at one", ""},
		"Ed25519":      {[]string{one(`TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="`)}, nil, doctor.OK, "key at one", ""},
		"without v":    {[]string{one("TXT " + strings.Replace(good, "v=DKIM1; ", "", 1))}, nil, doctor.OK, "key at one", ""},
		"none":         {nil, nil, doctor.Fail, "no key at one, two", "Publish the DKIM records"},
		"dangling":     {[]string{one("CNAME nowhere.example.")}, nil, doctor.Fail, "one points to a name that has no key", "once more"},
		"revoked":      {[]string{one(`TXT "v=DKIM1; p="`)}, nil, doctor.Fail, "revoked", "once more"},
		"no base64":    {[]string{one(`TXT "v=DKIM1; p=hello!"`)}, nil, doctor.Fail, "no key that receivers can read", "once more"},
		"no key in it": {[]string{one(`TXT "v=DKIM1; p=aGVsbG8="`)}, nil, doctor.Fail, "no key that receivers can read", "once more"},
		"two keys":     {[]string{one("TXT " + good), one("TXT " + short)}, nil, doctor.Fail, "more than one key", "once more"},
		"one revoked":  {[]string{one(`TXT "v=DKIM1; p="`), `two._domainkey.contoso.example. TXT ` + good}, nil, doctor.Warn, "two has a good key", "once more"},
		"SERVFAIL":     {nil, func(s *dnstest.Server) { s.Answer("one._domainkey.contoso.example", miekg.RcodeServerFailure) }, doctor.Fail, "ServerFailure", "DNSSEC"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := dnstest.Serve(t, append(tt.records, mx)...)
			if tt.prepare != nil {
				tt.prepare(server)
			}
			results := doctor.Run(t.Context(), sender(server, doctor.Vendor{Name: "azure", Records: azure}).Checks())
			want(t, find(t, results, "sender.dkim contoso.example azure"), tt.verdict, tt.evidence, tt.remedy)
		})
	}
}

// A key of 512 bits cannot be made any more; this one was, for tests.
func TestWeakDKIM(t *testing.T) {
	t.Parallel()
	server := dnstest.Serve(t, mx, `one._domainkey.contoso.example. TXT "p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMm9/ST1yN8RDGJNwyzXs+XIPQgwTHdDWyLi1XnrwDrFdJxgKmtlDWvLzHMyFK9c6kyCwPI8mcWbsFTiSzCqQyMCAwEAAQ=="`)
	results := doctor.Run(t.Context(), sender(server, doctor.Vendor{Name: "azure", Records: azure}).Checks())
	want(t, find(t, results, "sender.dkim contoso.example azure"), doctor.Fail, "1024 bits", "once more")
}

func TestDKIMSelectors(t *testing.T) {
	t.Parallel()
	server := dnstest.Serve(t, mx, `own._domainkey.contoso.example. TXT `+strs(key(t, 2048)))
	s := sender(server, doctor.Vendor{Name: "smtp"}, doctor.Vendor{Name: "dated", Records: func(domain string) providers.Records { return providers.Records{Signer: domain} }})
	results := doctor.Run(t.Context(), s.Checks())
	want(t, find(t, results, "sender.dkim contoso.example smtp"), doctor.Skip, "selector", "--dkim-selector")
	want(t, find(t, results, "sender.dkim contoso.example dated"), doctor.Skip, "selector", "--dkim-selector")
	s.Selectors = []string{"own"}
	results = doctor.Run(t.Context(), s.Checks())
	want(t, find(t, results, "sender.dkim contoso.example smtp"), doctor.OK, "own", "")
	s.Selectors = []string{"another"}
	results = doctor.Run(t.Context(), s.Checks())
	want(t, find(t, results, "sender.dkim contoso.example dated"), doctor.Warn, "no key at another", "--dkim-selector")
}

func TestDMARC(t *testing.T) {
	t.Parallel()
	aligned := doctor.Vendor{Name: "aligned", Records: azure}
	below := doctor.Vendor{Name: "below", Records: func(string) providers.Records {
		return providers.Records{Envelope: "mg.contoso.example", Signer: "mg.contoso.example"}
	}}
	stranger := doctor.Vendor{Name: "stranger", Records: func(string) providers.Records {
		return providers.Records{Envelope: "fabrikam.example", Signer: "fabrikam.example"}
	}}
	for name, tt := range map[string]struct {
		domain           string
		records          []string
		vendor           doctor.Vendor
		prepare          func(s *dnstest.Server)
		verdict          doctor.Verdict
		evidence, remedy string
	}{
		"reject":            {"contoso.example", []string{`_dmarc.contoso.example. TXT "v=DMARC1; p=reject; rua=mailto:x@contoso.example"`}, aligned, nil, doctor.OK, "policy reject", ""},
		"no reports":        {"contoso.example", []string{`_dmarc.contoso.example. TXT "v=DMARC1;p=none"`}, aligned, nil, doctor.OK, "reports to nobody", ""},
		"none":              {"contoso.example", nil, aligned, nil, doctor.Warn, "no DMARC record", "_dmarc.contoso.example"},
		"other TXT":         {"contoso.example", []string{`_dmarc.contoso.example. TXT "p=none; v=DMARC1"`}, aligned, nil, doctor.Warn, "no DMARC record", "_dmarc"},
		"two":               {"contoso.example", []string{`_dmarc.contoso.example. TXT "v=DMARC1; p=none"`, `_dmarc.contoso.example. TXT "v=DMARC1; p=reject"`}, aligned, nil, doctor.Fail, "more than one", "exactly one"},
		"no policy":         {"contoso.example", []string{`_dmarc.contoso.example. TXT "v=DMARC1; p=maybe"`}, aligned, nil, doctor.Fail, "without a policy", "p=none"},
		"of the parent":     {"codes.contoso.example", []string{`_dmarc.contoso.example. TXT "v=DMARC1; p=reject; sp=quarantine"`}, aligned, nil, doctor.OK, "policy quarantine, from contoso.example", ""},
		"own before parent": {"codes.contoso.example", []string{`_dmarc.contoso.example. TXT "v=DMARC1; p=reject"`, `_dmarc.codes.contoso.example. TXT "v=DMARC1; p=none"`}, aligned, nil, doctor.OK, "policy none", ""},
		"below is aligned":  {"contoso.example", []string{`_dmarc.contoso.example. TXT "v=DMARC1; p=reject"`}, below, nil, doctor.OK, "policy reject", ""},
		"strict, below":     {"contoso.example", []string{`_dmarc.contoso.example. TXT "v=DMARC1; p=reject; adkim=s; aspf=s"`}, below, nil, doctor.Fail, "below does not count", "adkim"},
		"strict DKIM alone": {"contoso.example", []string{`_dmarc.contoso.example. TXT "v=DMARC1; p=reject; adkim=s"`}, below, nil, doctor.OK, "policy reject", ""},
		"stranger, reject":  {"contoso.example", []string{`_dmarc.contoso.example. TXT "v=DMARC1; p=reject"`}, stranger, nil, doctor.Fail, "receivers turn the codes away", "Verify the sender's own domain"},
		"stranger, none":    {"contoso.example", []string{`_dmarc.contoso.example. TXT "v=DMARC1; p=none"`}, stranger, nil, doctor.Warn, "stranger does not count", "Verify"},
		"nothing known":     {"contoso.example", []string{`_dmarc.contoso.example. TXT "v=DMARC1; p=reject"`}, doctor.Vendor{Name: "smtp"}, nil, doctor.OK, "policy reject", ""},
		"SERVFAIL":          {"contoso.example", nil, aligned, func(s *dnstest.Server) { s.Answer("_dmarc.contoso.example", miekg.RcodeServerFailure) }, doctor.Fail, "ServerFailure", "DNSSEC"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := dnstest.Serve(t, append(tt.records, mx, `codes.contoso.example. MX 10 mx.contoso.example.`)...)
			if tt.prepare != nil {
				tt.prepare(server)
			}
			s := sender(server, tt.vendor)
			s.Domains = []string{tt.domain}
			want(t, find(t, doctor.Run(t.Context(), s.Checks()), "sender.dmarc "+tt.domain), tt.verdict, tt.evidence, tt.remedy)
		})
	}
}

// What others have written into their zones reaches no terminal as it is.
func TestHostileRecord(t *testing.T) {
	t.Parallel()
	server := dnstest.Serve(t, mx, `contoso.example. TXT "v=spf1 include:evil`+strings.Repeat("x", 100)+`[31m.example -all"`)
	results := doctor.Run(t.Context(), sender(server, doctor.Vendor{Name: "azure", Records: azure}).Checks())
	r := find(t, results, "sender.spf contoso.example azure")
	if r.Verdict != doctor.Fail || strings.Contains(r.Evidence, "\x1b") || len(r.Evidence) > 250 {
		t.Errorf("%s %q", r.Verdict, r.Evidence)
	}
}
