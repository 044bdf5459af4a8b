package devtenant_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byoe/devtenant"
)

const samplesFolder = "../samples"

// sample reads a payload by the names on the wire.
func sample(t *testing.T, name string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(samplesFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	return decode[map[string]any](t, string(text))
}

// member follows a path of names through objects; nil where it ends early.
func member(value any, path string) any {
	for name := range strings.SplitSeq(path, "/") {
		object, isObject := value.(map[string]any)
		if !isObject {
			return nil
		}
		value = object[name]
	}
	return value
}

const authentication = "data/authenticationContext/"

func TestTheSignUpSampleIsTheDocumentedEvent(t *testing.T) {
	t.Parallel()
	var got any = sample(t, "sign-up.json")
	if diff := cmp.Diff(decode[any](t, documentedEvent), got); diff != "" {
		t.Error(diff)
	}
}

func TestSamplesShowWhatTheyClaim(t *testing.T) {
	t.Parallel()
	cases := map[string]map[string]any{
		"sign-up.json": {authentication + "requestType": "signUp"},
		"lower-case-code.json": {
			authentication + "requestType": "SignIn", "data/otpContext/oneTimeCode": nil, "data/otpContext/onetimecode": "23456781",
		},
		"native-auth.json":   {authentication + "requestType": nil},
		"null-resource.json": {authentication + "requestType": "passwordReset", authentication + "resourceServicePrincipal": nil},
		"japanese.json": {
			authentication + "client/locale": "ja-jp", authentication + "clientServicePrincipal/appDisplayName": "コントソ ストア",
		},
	}
	names, err := filepath.Glob(filepath.Join(samplesFolder, "*.json"))
	if err != nil || len(names) != len(cases) {
		t.Fatalf("%d samples, %d claims, %v", len(names), len(cases), err)
	}
	for name, claims := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			event := sample(t, name)
			for path, want := range claims {
				if got := member(event, path); got != want {
					t.Errorf("%s is %v, want %v", path, got, want)
				}
			}
			checkCommonMembers(t, event)
		})
	}
	null := member(sample(t, "null-resource.json"), "data/authenticationContext").(map[string]any)
	if _, there := null["resourceServicePrincipal"]; !there {
		t.Error("null-resource.json leaves the member out, where Entra sends null")
	}
}

// checkCommonMembers wants what every event has.
func checkCommonMembers(t *testing.T, event map[string]any) {
	t.Helper()
	for path, want := range map[string]any{
		"type":             "microsoft.graph.authenticationEvent.emailOtpSend",
		"source":           "/tenants/" + devtenant.TenantID + "/applications/" + devtenant.AppID,
		"data/@odata.type": "microsoft.graph.onOtpSendCalloutData",
		"data/tenantId":    devtenant.TenantID,
		authentication + "clientServicePrincipal/appId": devtenant.AppID,
		authentication + "protocol":                     "OAUTH2.0",
	} {
		if got := member(event, path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	for _, path := range []string{
		"data/authenticationEventListenerId", "data/customAuthenticationExtensionId", authentication + "correlationId",
	} {
		if id, _ := member(event, path).(string); len(id) != 36 {
			t.Errorf("%s is %q", path, id)
		}
	}
	if identifier, _ := member(event, "data/otpContext/identifier").(string); !strings.HasSuffix(identifier, "@example.com") {
		t.Errorf("the address is somebody's: %q", identifier)
	}
}

func TestSamplesAreDifferentEvents(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob(filepath.Join(samplesFolder, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var codes, correlations []string
	for _, name := range names {
		event := sample(t, filepath.Base(name))
		code, _ := member(event, "data/otpContext/oneTimeCode").(string)
		if code == "" {
			code, _ = member(event, "data/otpContext/onetimecode").(string)
		}
		if len(code) != 8 || strings.Trim(code, "0123456789") != "" {
			t.Errorf("%s: the code is not of eight digits", name)
		}
		correlation, _ := member(event, authentication+"correlationId").(string)
		codes, correlations = append(codes, code), append(correlations, correlation)
	}
	for _, values := range [][]string{codes, correlations} {
		slices.Sort(values)
		if len(slices.Compact(slices.Clone(values))) != len(values) {
			t.Errorf("two samples share a value: %q", values)
		}
	}
}

func TestTheRequestFileNamesEverySample(t *testing.T) {
	t.Parallel()
	requests, err := os.ReadFile(filepath.Join(samplesFolder, "EmailOtpSend.http"))
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(samplesFolder, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !strings.Contains(string(requests), "< ./"+filepath.Base(name)+"\n") {
			t.Errorf("%s is not in EmailOtpSend.http", name)
		}
	}
}
