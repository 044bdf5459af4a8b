package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byoe/b2c"
	"byoe/devtenant/otp"
	"byoe/event"
)

// element is one element of a policy, with what is in it.
type element struct {
	name     string
	attrs    map[string]string
	text     string
	children []*element
}

func parsePolicy(text string) (*element, error) {
	root := &element{}
	open := []*element{root}
	for decoder := xml.NewDecoder(strings.NewReader(text)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		last := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			child := &element{name: token.Name.Local, attrs: map[string]string{}}
			for _, attr := range token.Attr {
				child.attrs[attr.Name.Local] = attr.Value
			}
			if token.Name.Space != "http://schemas.microsoft.com/online/cpim/schemas/2013/06" {
				return nil, fmt.Errorf("%s is in the namespace %q", child.name, token.Name.Space)
			}
			last.children, open = append(last.children, child), append(open, child)
		case xml.CharData:
			last.text += strings.TrimSpace(string(token))
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
	return root, nil
}

// all returns every element of a name, at any depth.
func (e *element) all(name string) (found []*element) {
	for _, child := range e.children {
		if child.name == name {
			found = append(found, child)
		}
		found = append(found, child.all(name)...)
	}
	return found
}

// values are those of an attribute of every element of a name.
func (e *element) values(name, attr string) (found []string) {
	for _, one := range e.all(name) {
		if value, has := one.attrs[attr]; has {
			found = append(found, value)
		}
	}
	return found
}

// byID is the element of a name with an Id, or an empty one.
func (e *element) byID(name, id string) *element {
	for _, one := range e.all(name) {
		if one.attrs["Id"] == id {
			return one
		}
	}
	return &element{}
}

// items are the metadata of a technical profile.
func (e *element) items() map[string]string {
	items := map[string]string{}
	for _, item := range e.all("Item") {
		items[item.attrs["Key"]] = item.text
	}
	return items
}

// sent are what a RESTful technical profile sends: the default values by the names that the webhook reads.
func (e *element) sent() map[string]string {
	claims := map[string]string{}
	for _, claim := range e.all("InputClaim") {
		name := claim.attrs["PartnerClaimType"]
		if name == "" {
			name = claim.attrs["ClaimTypeReferenceId"]
		}
		claims[name] = claim.attrs["DefaultValue"]
	}
	return claims
}

// policySamples are the files of samples/b2c.
type policySamples struct {
	policy, basic, bearer *element
	readme                string
}

func readPolicySamples(t *testing.T, change func(name, text string) string) policySamples {
	t.Helper()
	read := func(name string) string {
		content, err := os.ReadFile(filepath.Join("samples", "b2c", name))
		if err != nil {
			t.Fatal(err)
		}
		return change(name, string(content))
	}
	parse := func(name string) *element {
		root, err := parsePolicy(read(name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return root
	}
	return policySamples{parse("TrustFrameworkExtensions.xml"), parse("SendOtp-Basic.xml"), parse("SendOtp-Bearer.xml"), read("README.md")}
}

// problems is a list of what is wrong.
type problems []string

func (p *problems) add(format string, args ...any) { *p = append(*p, fmt.Sprintf(format, args...)) }

// inOrder wants the children of each element in the order of Microsoft's schema, which B2C enforces when a policy is
// uploaded ("BuildingBlocks", "TechnicalProfiles", "ClaimsSchema" and "DisplayControls" of its reference).
func inOrder(e *element, p *problems) {
	for parent, order := range map[string]string{
		"TrustFrameworkPolicy": "BasePolicy BuildingBlocks ClaimsProviders",
		"BuildingBlocks":       "ClaimsSchema ClaimsTransformations ContentDefinitions Localization DisplayControls",
		"ClaimType":            "DisplayName DataType AdminHelpText UserHelpText UserInputType",
		"ContentDefinition":    "DataUri LocalizedResourcesReferences",
		"Localization":         "SupportedLanguages LocalizedResources",
		"DisplayControl":       "InputClaims DisplayClaims OutputClaims Actions",
		"ClaimsProvider":       "DisplayName TechnicalProfiles",
		"TechnicalProfile":     "DisplayName Protocol Metadata CryptographicKeys InputClaimsTransformations InputClaims DisplayClaims OutputClaims IncludeTechnicalProfile UseTechnicalProfileForSessionManagement",
	} {
		for _, one := range e.all(parent) {
			at := 0
			for _, child := range one.children {
				i := slices.Index(strings.Fields(order), child.name)
				if i < at {
					p.add("%s in %s %s is unknown, or out of order", child.name, parent, one.attrs["Id"])
				}
				at = max(at, i)
			}
		}
	}
}

// references wants every name that is used to be declared, here or in Microsoft's starter pack below, and every name that is
// declared to be used.
func (s policySamples) references(p *problems) {
	files := &element{children: []*element{s.policy, s.basic, s.bearer}}
	check := func(what string, used, declared, below []string) {
		for _, name := range used {
			if !slices.Contains(declared, name) && !slices.Contains(below, name) {
				p.add("%s %q is not declared", what, name)
			}
		}
		for _, name := range declared {
			if !slices.Contains(used, name) {
				p.add("%s %q is declared and not used", what, name)
			}
			if len(slices.DeleteFunc(slices.Clone(declared), func(other string) bool { return other != name })) != 1 {
				p.add("%s %q is declared twice", what, name)
			}
		}
	}
	var claims []string
	for _, kind := range []string{"InputClaim", "OutputClaim", "DisplayClaim"} {
		claims = append(claims, files.values(kind, "ClaimTypeReferenceId")...)
	}
	check("claim", claims, files.values("ClaimType", "Id"), strings.Fields("email displayName givenName surname newPassword reenterPassword"))
	own := slices.DeleteFunc(s.policy.values("TechnicalProfile", "Id"), func(id string) bool { return strings.HasPrefix(id, "LocalAccount") })
	check("technical profile", append(s.policy.values("ValidationClaimsExchangeTechnicalProfile", "TechnicalProfileReferenceId"),
		s.policy.values("IncludeTechnicalProfile", "ReferenceId")...), own, nil)
	check("session management", files.values("UseTechnicalProfileForSessionManagement", "ReferenceId"), nil, []string{"SM-Noop"})
	check("display control", s.policy.values("DisplayClaim", "DisplayControlReferenceId"), s.policy.values("DisplayControl", "Id"), nil)
	check("localized resources", s.policy.values("LocalizedResourcesReference", "LocalizedResourcesReferenceId"), s.policy.values("LocalizedResources", "Id"), nil)
	for _, key := range files.values("Key", "StorageReferenceId") {
		if name, prefixed := strings.CutPrefix(key, "B2C_1A_"); !prefixed || !strings.Contains(s.readme, "`"+name+"`") {
			p.add("the policy key %s is not in the README", key)
		}
	}
}

// localised wants each language to say everything, on each page.
func (s policySamples) localised(p *problems) {
	var languages, want []string
	for _, language := range s.policy.all("SupportedLanguage") {
		languages = append(languages, language.text)
	}
	for _, content := range s.policy.all("ContentDefinition") {
		if got := content.values("LocalizedResourcesReference", "Language"); !slices.Equal(got, languages) || len(got) < 5 {
			p.add("%s is in %q, want %q", content.attrs["Id"], got, languages)
		}
	}
	for _, reference := range s.policy.all("LocalizedResourcesReference") {
		if reference.attrs["LocalizedResourcesReferenceId"] != "byoe."+reference.attrs["Language"] {
			p.add("%s has the texts %s", reference.attrs["Language"], reference.attrs["LocalizedResourcesReferenceId"])
		}
	}
	for _, control := range s.policy.values("DisplayControl", "Id") {
		for id := range strings.FieldsSeq("intro_msg success_send_code_msg failure_send_code_msg success_verify_code_msg failure_verify_code_msg but_send_code but_verify_code but_send_new_code but_change_claims") {
			want = append(want, "DisplayControl "+control+" "+id)
		}
	}
	for _, id := range append(failures(), restFailures()...) {
		want = append(want, "ErrorMessage  "+id)
	}
	want = append(want, "ClaimType verificationCode DisplayName", "ClaimType verificationCode UserHelpText")
	slices.Sort(want)
	for _, resources := range s.policy.all("LocalizedResources") {
		var got []string
		for _, text := range resources.all("LocalizedString") {
			got = append(got, text.attrs["ElementType"]+" "+text.attrs["ElementId"]+" "+text.attrs["StringId"])
			if text.text == "" {
				p.add("%s says nothing for %s", resources.attrs["Id"], text.attrs["StringId"])
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			p.add("%s (-want +got):\n%s", resources.attrs["Id"], diff)
		}
	}
}

// failures are the items for the messages of the one-time-password profile, restFailures those of a RESTful one.
func failures() (ids []string) {
	for _, outcome := range otp.Outcomes() {
		if id := outcome.MessageID(); strings.HasPrefix(id, "UserMessageIf") {
			ids = append(ids, id)
		}
	}
	return ids
}

func restFailures() []string {
	return []string{"DefaultUserMessageIfRequestFailed", "UserMessageIfCircuitOpen", "UserMessageIfDnsResolutionFailed", "UserMessageIfRequestTimeout"}
}

// profiles wants the one-time-password profiles to have every documented item and no other.
func (s policySamples) profiles(p *problems) {
	generate := s.policy.byID("TechnicalProfile", "GenerateOtp").items()
	if profile, wrong := otp.ParseB2C(generate); len(wrong) > 0 || len(generate) != 7 || profile != otp.B2C() {
		p.add("GenerateOtp has %v: %v", generate, wrong)
	}
	if verify := s.policy.byID("TechnicalProfile", "VerifyOtp").items(); !maps.Equal(verify, map[string]string{"Operation": "VerifyCode"}) {
		p.add("VerifyOtp has %v", verify)
	}
	for _, id := range []string{"LocalAccountSignUpWithLogonEmail", "LocalAccountDiscoveryUsingEmailAddress"} {
		items := s.policy.byID("TechnicalProfile", id).items()
		for _, name := range failures() {
			if items[name] == "" {
				p.add("%s lacks %s", id, name)
			}
		}
		if len(items) != len(failures()) {
			p.add("%s has %v", id, items)
		}
	}
	for _, protocol := range append(s.policy.all("Protocol"), append(s.basic.all("Protocol"), s.bearer.all("Protocol")...)...) {
		handler := protocol.attrs["Handler"]
		if protocol.attrs["Name"] != "Proprietary" || !strings.HasSuffix(handler, "Provider, Web.TPEngine, Version=1.0.0.0, Culture=neutral, PublicKeyToken=null") ||
			!strings.HasPrefix(handler, "Web.TPEngine.Providers.OneTimePasswordProtocol") && !strings.HasPrefix(handler, "Web.TPEngine.Providers.Restful") {
			p.add("protocol %v", protocol.attrs)
		}
	}
}

// calls wants SendOtp to call our endpoint with claims that it reads, whatever the credential.
func (s policySamples) calls(p *problems) {
	names := slices.Sorted(maps.Keys(b2c.Config{}.Names()))
	resolvers := []string{"", "Contoso", "{Culture:RFC5646}", "{OIDC:ClientId}", "{Context:CorrelationId}", "{Policy:TenantObjectId}"}
	for kind, file := range map[string]*element{"ApiKeyHeader": s.policy, "Basic": s.basic, "Bearer": s.bearer} {
		profile := file.byID("TechnicalProfile", "SendOtp")
		items, sent := profile.items(), profile.sent()
		if items["AuthenticationType"] != kind || items["SendClaimsIn"] != "Body" || items["AllowInsecureAuthInProduction"] != "false" ||
			items["IncludeClaimResolvingInClaimsHandling"] != "true" || !strings.HasSuffix(items["ServiceUrl"], ".azurewebsites.net/api/B2COtpSend") {
			p.add("%s: SendOtp has %v", kind, items)
		}
		for _, name := range restFailures() {
			if items[name] == "" {
				p.add("%s: SendOtp lacks %s", kind, name)
			}
		}
		for name, value := range sent {
			if !slices.Contains(append(names, items["UseClaimAsBearerToken"]), name) || !slices.Contains(resolvers, value) {
				p.add("%s: SendOtp sends %s with %q", kind, name, value)
			}
		}
		for _, claim := range profile.all("InputClaim") {
			if resolved := claim.attrs["DefaultValue"] != ""; resolved != (claim.attrs["AlwaysUseDefaultValue"] == "true") {
				p.add("%s: %s is not resolved", kind, claim.attrs["ClaimTypeReferenceId"])
			}
		}
		for _, name := range []string{"email", "otp", "locale", "clientId", "correlationId"} {
			if _, has := sent[name]; !has {
				p.add("%s: SendOtp does not send %s", kind, name)
			}
		}
	}
	for kind, want := range map[*element][]string{
		s.policy.byID("TechnicalProfile", "SendOtp"): {"x-api-key"}, s.basic: {"BasicAuthenticationUsername", "BasicAuthenticationPassword"},
	} {
		if got := kind.values("Key", "Id"); !slices.Equal(got, want) {
			p.add("keys are %q, want %q", got, want)
		}
	}
	if token := s.bearer.byID("TechnicalProfile", "GetByoeToken"); token.values("OutputClaim", "ClaimTypeReferenceId")[0] != s.bearer.byID("TechnicalProfile", "SendOtp").items()["UseClaimAsBearerToken"] {
		p.add("the token that is got is not the one that is sent")
	}
	for _, id := range []string{"SendOtp-SignUp", "SendOtp-PasswordReset"} {
		if flow := s.policy.byID("TechnicalProfile", id).sent()["flow"]; event.FlowOf(flow) == event.FlowOther {
			p.add("%s sends the flow %q", id, flow)
		}
	}
}

func (s policySamples) check() (p problems) {
	for _, file := range []*element{s.policy, s.basic, s.bearer} {
		inOrder(file, &p)
	}
	root := s.policy.children[0]
	if root.name != "TrustFrameworkPolicy" || root.attrs["PolicySchemaVersion"] != "0.3.0.0" || !strings.HasPrefix(root.attrs["PolicyId"], "B2C_1A_") ||
		root.attrs["PublicPolicyUri"] != "http://"+root.attrs["TenantId"]+"/"+root.attrs["PolicyId"] {
		p.add("the policy is %v", root.attrs)
	}
	s.references(&p)
	s.localised(&p)
	s.profiles(&p)
	s.calls(&p)
	return p
}

// The sample is uploaded by people who cannot see what is wrong with it before Azure says so, if it does. It was never checked
// by Azure AD B2C itself.
func TestPolicySample(t *testing.T) {
	t.Parallel()
	for _, problem := range readPolicySamples(t, func(_, text string) string { return text }).check() {
		t.Error(problem)
	}
	claims, err := os.ReadFile("samples/b2c/claims.json")
	if err != nil {
		t.Fatal(err)
	}
	e, err := b2c.NewDecoder(b2c.Config{}).Decode(claims)
	if err != nil || e.Flow != event.FlowSignUp || e.Locale == "" || e.Client.AppID == "" || e.CorrelationID == "" {
		t.Errorf("claims.json: %v, %+v", err, e)
	}
}

// Each check finds the mistake that it is there for.
func TestPolicySampleWithMistakes(t *testing.T) {
	t.Parallel()
	for _, mistake := range []struct{ file, old, new string }{
		{"TrustFrameworkExtensions.xml", `PolicySchemaVersion="0.3.0.0"`, `PolicySchemaVersion="0.4.0.0"`},
		{"TrustFrameworkExtensions.xml", `</BuildingBlocks>`, `<ClaimsSchema /></BuildingBlocks>`},
		{"TrustFrameworkExtensions.xml", `<Protocol `, `<Unknown /><Protocol `},
		{"TrustFrameworkExtensions.xml", `<ClaimType Id="otp">`, `<ClaimType Id="otq">`},
		{"TrustFrameworkExtensions.xml", `<ClaimType Id="scope">`, `<ClaimType Id="otp">`},
		{"TrustFrameworkExtensions.xml", `TechnicalProfileReferenceId="VerifyOtp"`, `TechnicalProfileReferenceId="VerifyOtq"`},
		{"TrustFrameworkExtensions.xml", `<IncludeTechnicalProfile ReferenceId="SendOtp"`, `<IncludeTechnicalProfile ReferenceId="SendOtq"`},
		{"TrustFrameworkExtensions.xml", `ReferenceId="SM-Noop"`, `ReferenceId="SM-None"`},
		{"TrustFrameworkExtensions.xml", `DisplayControlReferenceId="emailVerificationControl"`, `DisplayControlReferenceId="x"`},
		{"TrustFrameworkExtensions.xml", `LocalizedResourcesReferenceId="byoe.ja"`, `LocalizedResourcesReferenceId="byoe.de"`},
		{"TrustFrameworkExtensions.xml", `<LocalizedResources Id="byoe.ja">`, `<LocalizedResources Id="byoe.jp">`},
		{"TrustFrameworkExtensions.xml", `<SupportedLanguage>ja</SupportedLanguage>`, ``},
		{"TrustFrameworkExtensions.xml", `ElementId="emailVerificationControl" StringId="intro_msg"`, `ElementId="x" StringId="intro_msg"`},
		{"TrustFrameworkExtensions.xml", `StringId="UserMessageIfSessionConflict"`, `StringId="UserMessageIfConflict"`},
		{"TrustFrameworkExtensions.xml", `>Send code<`, `><`},
		{"TrustFrameworkExtensions.xml", `<Item Key="CodeLength">6</Item>`, ``},
		{"TrustFrameworkExtensions.xml", `<Item Key="NumRetryAttempts">5</Item>`, `<Item Key="NumRetryAttempts">50</Item>`},
		{"TrustFrameworkExtensions.xml", `VerifyCode</Item>`, `GenerateCode</Item>`},
		{"TrustFrameworkExtensions.xml", `<Item Key="UserMessageIfInvalidCode">`, `<Item Key="UserMessageIfInvalid">`},
		{"TrustFrameworkExtensions.xml", `Web.TPEngine.Providers.OneTimePasswordProtocolProvider`, `Web.TPEngine.Providers.OneTimeProvider`},
		{"TrustFrameworkExtensions.xml", `/api/B2COtpSend`, `/api/EmailOtpSend`},
		{"TrustFrameworkExtensions.xml", `<Item Key="SendClaimsIn">Body`, `<Item Key="SendClaimsIn">Form`},
		{"TrustFrameworkExtensions.xml", `PartnerClaimType="locale"`, `PartnerClaimType="ui_locale"`},
		{"TrustFrameworkExtensions.xml", `{Culture:RFC5646}`, `{Culture:Language}`},
		{"TrustFrameworkExtensions.xml", `DefaultValue="{OIDC:ClientId}" AlwaysUseDefaultValue="true"`, `DefaultValue="{OIDC:ClientId}"`},
		{"TrustFrameworkExtensions.xml", `<Item Key="UserMessageIfCircuitOpen">`, `<Item Key="UserMessageIfCircuit">`},
		{"TrustFrameworkExtensions.xml", `<Key Id="x-api-key"`, `<Key Id="x-functions-key"`},
		{"TrustFrameworkExtensions.xml", `DefaultValue="password-reset"`, `DefaultValue="reset it"`},
		{"SendOtp-Basic.xml", `<InputClaim ClaimTypeReferenceId="otp" />`, ``},
		{"SendOtp-Basic.xml", `BasicAuthenticationPassword`, `BasicPassword`},
		{"SendOtp-Bearer.xml", `UseClaimAsBearerToken">bearerToken`, `UseClaimAsBearerToken">scope`},
		{"SendOtp-Bearer.xml", `<Item Key="AuthenticationType">Bearer`, `<Item Key="AuthenticationType">Basic`},
		{"README.md", "`ByoeClientSecret`", "the secret"},
	} {
		changed := false
		s := readPolicySamples(t, func(name, text string) string {
			if name != mistake.file {
				return text
			}
			after := strings.Replace(text, mistake.old, mistake.new, 1)
			changed = after != text
			return after
		})
		if !changed || len(s.check()) == 0 {
			t.Errorf("%s: %q for %q is not found (changed: %v)", mistake.file, mistake.new, mistake.old, changed)
		}
	}
}
