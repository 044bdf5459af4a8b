package event_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byoe/event"
	"byoe/redact"
)

// documented is the payload of Microsoft's page, with its placeholders.
const documented = `{
  "type": "microsoft.graph.authenticationEvent.emailOtpSend",
  "source": "/tenants/ffff5f5f-aa6a-bb7b-cc8c-dddddd9d9d9d/applications/bbbbbbbb-cccc-dddd-2222-333333333333",
  "data": {
    "@odata.type": "microsoft.graph.onOtpSendCalloutData",
    "otpContext": {"identifier": "someone@example.com", "oneTimeCode": "02345678"},
    "tenantId": "ffff5f5f-aa6a-bb7b-cc8c-dddddd9d9d9d",
    "authenticationEventListenerId": "00001111-aaaa-2222-bbbb-3333cccc4444",
    "customAuthenticationExtensionId": "11112222-bbbb-3333-cccc-4444dddd5555",
    "authenticationContext": {
      "correlationId": "3333dddd-44ee-ffff-aa55-bbbbbbbb6666",
      "client": {"ip": "192.0.2.1", "locale": "en-us", "market": "en-gb"},
      "protocol": "OAUTH2.0",
      "requestType": "signUp",
      "clientServicePrincipal": {"id": "c1", "appId": "bbbbbbbb-cccc-dddd-2222-333333333333", "appDisplayName": "My app", "displayName": "My principal"},
      "resourceServicePrincipal": {"id": "r1", "appId": "r2", "appDisplayName": "My API", "displayName": "My API"}
    }
  }
}`

func decode(t *testing.T, body string) *event.Event {
	t.Helper()
	e, err := event.Decode([]byte(body))
	if err != nil {
		t.Fatalf("Decode: %v", err)
	}
	return e
}

func TestDecodeTakesEveryDocumentedField(t *testing.T) {
	t.Parallel()
	want := &event.Event{
		TenantID:      "ffff5f5f-aa6a-bb7b-cc8c-dddddd9d9d9d",
		ListenerID:    "00001111-aaaa-2222-bbbb-3333cccc4444",
		ExtensionID:   "11112222-bbbb-3333-cccc-4444dddd5555",
		CorrelationID: "3333dddd-44ee-ffff-aa55-bbbbbbbb6666",
		Identifier:    redact.NewSecret("someone@example.com"),
		Code:          redact.NewSecret("02345678"),
		Flow:          event.FlowSignUp,
		RequestType:   "signUp",
		Locale:        "en-us",
		Market:        "en-gb",
		ClientIP:      redact.NewSecret("192.0.2.1"),
		Protocol:      "OAUTH2.0",
		Client:        event.ServicePrincipal{ID: "c1", AppID: "bbbbbbbb-cccc-dddd-2222-333333333333", AppDisplayName: "My app", DisplayName: "My principal"},
		Resource:      event.ServicePrincipal{ID: "r1", AppID: "r2", AppDisplayName: "My API", DisplayName: "My API"},
	}
	if diff := cmp.Diff(want, decode(t, documented), cmp.Comparer(func(a, b redact.Secret) bool { return a.Reveal() == b.Reveal() })); diff != "" {
		t.Errorf("Decode (-want +got):\n%s", diff)
	}
}

func TestDecodeToleratesWhatEntraVaries(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, from, to string
		check          func(e *event.Event) bool
	}{
		{"the sample's spelling of the code", `"oneTimeCode"`, `"onetimecode"`, func(e *event.Event) bool { return e.Code.Reveal() == "02345678" }},
		{"both spellings with one value", `"oneTimeCode": "02345678"`, `"oneTimeCode": "02345678", "onetimecode": "02345678"`, func(e *event.Event) bool { return e.Code.Reveal() == "02345678" }},
		{"no requestType", `"requestType": "signUp",`, ``, func(e *event.Event) bool { return e.Flow == event.FlowOther && e.RequestType == "" }},
		{"null requestType", `"signUp"`, `null`, func(e *event.Event) bool { return e.Flow == event.FlowOther }},
		{"another letter case of requestType", `"signUp"`, `"SignIn"`, func(e *event.Event) bool { return e.Flow == event.FlowSignIn }},
		{"an unknown requestType", `"signUp"`, `"stepUp"`, func(e *event.Event) bool { return e.Flow == event.FlowOther && e.RequestType == "stepUp" }},
		{"a null resource principal", `{"id": "r1", "appId": "r2", "appDisplayName": "My API", "displayName": "My API"}`, `null`, func(e *event.Event) bool { return e.Resource == event.ServicePrincipal{} }},
		{"a # before the type", `"microsoft.graph.onOtpSend`, `"#microsoft.graph.OnOtpSend`, func(e *event.Event) bool { return e.TenantID != "" }},
		{"unknown members", `"protocol"`, `"user": {"id": "u"}, "protocol"`, func(e *event.Event) bool { return e.Protocol == "OAUTH2.0" }},
		{"no authentication context", `"authenticationContext"`, `"somethingElse"`, func(e *event.Event) bool { return e.Client == event.ServicePrincipal{} && e.Flow == event.FlowOther }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			body := strings.Replace(documented, c.from, c.to, 1)
			if body == documented {
				t.Fatalf("%q is not in the payload", c.from)
			}
			if e := decode(t, body); !c.check(e) {
				t.Errorf("decoded to %+v", e)
			}
		})
	}
}

func TestDecodeNamesThePlaceAndNotTheContent(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, from, to, want string }{
		{"another event", `emailOtpSend"`, `tokenIssuanceStart"`, "type: must be microsoft.graph.authenticationEvent.emailOtpSend"},
		{"another data type", `onOtpSendCalloutData`, `onOtherCalloutData`, "data.@odata.type: must be microsoft.graph.onOtpSendCalloutData"},
		{"no data", `"data"`, `"other"`, "data: missing"},
		{"no tenant", `"tenantId"`, `"other"`, "data.tenantId: missing"},
		{"no otpContext", `"otpContext"`, `"other"`, "data.otpContext: missing"},
		{"no identifier", `"identifier"`, `"other"`, "data.otpContext.identifier: missing"},
		{"two identifiers", `"identifier": "someone@example.com"`, `"identifier": "someone@example.com", "Identifier": "eve@example.com"`, "data.otpContext.identifier: given twice with different values"},
		{"no code", `"oneTimeCode"`, `"other"`, "data.otpContext.oneTimeCode: missing"},
		{"an empty code", `"02345678"`, `""`, "data.otpContext.oneTimeCode: missing"},
		{"two codes", `"oneTimeCode": "02345678"`, `"oneTimeCode": "02345678", "onetimecode": "99999999"`, "data.otpContext.oneTimeCode: given twice with different values"},
		{"a code as a number", `"02345678"`, `12345678`, "data.otpContext.oneTimeCode: must be a JSON string"},
		{"a line break in the code", `"02345678"`, `"0234\r\nBcc: x"`, "data.otpContext.oneTimeCode: must be at most 64 ASCII letters or digits"},
		{"digits that are not ASCII", `"02345678"`, `"٠٢٣٤"`, "data.otpContext.oneTimeCode: must be at most 64 ASCII letters or digits"},
		{"a huge code", `"02345678"`, `"` + strings.Repeat("1", 65) + `"`, "data.otpContext.oneTimeCode: must be at most 64 ASCII letters or digits"},
		{"a wrong type", `"ffff5f5f-aa6a-bb7b-cc8c-dddddd9d9d9d",`, `{"secret": 1},`, "data.tenantId: has the wrong JSON type near byte "},
		{"half of it", `"signUp"`, `"signUp`, "not JSON near byte "},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			body := strings.Replace(documented, c.from, c.to, 1)
			_, err := event.Decode([]byte(body))
			if _, ok := errors.AsType[*event.Error](err); !ok {
				t.Fatalf("Decode gave %v (%T), want an *event.Error", err, err)
			}
			if !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("Decode says %q, want %q", err, c.want)
			}
			for _, private := range []string{"someone", "02345678", "eve", "99999999", "secret"} {
				if strings.Contains(err.Error(), private) {
					t.Errorf("Decode quotes %q: %q", private, err)
				}
			}
		})
	}
}

func TestDecodeMakesLoggedWordsPrintableAndShort(t *testing.T) {
	t.Parallel()
	body := strings.Replace(documented, `"3333dddd-44ee-ffff-aa55-bbbbbbbb6666"`, `"a\nb\u202ec`+strings.Repeat("d", 100)+`"`, 1)
	got := decode(t, body).CorrelationID
	if want := "abc" + strings.Repeat("d", 61); got != want {
		t.Errorf("CorrelationID is %q, want %q", got, want)
	}
}

func TestEventPrintsNeitherCodeNorAddress(t *testing.T) {
	t.Parallel()
	e := decode(t, documented)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		printed := fmt.Sprintf(verb, *e)
		for _, private := range []string{"someone@", "02345678", "192.0.2.1", fmt.Sprintf("%x", "02345678")} {
			if strings.Contains(printed, private) {
				t.Errorf("%s shows %q in %s", verb, private, printed)
			}
		}
	}
}

func TestSamplesDecode(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"sign-up", "lower-case-code", "native-auth", "null-resource", "japanese"} {
		body, err := os.ReadFile("../samples/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		decode(t, string(body))
	}
}

func TestAnswerIsTheDocumentedOne(t *testing.T) {
	t.Parallel()
	want := `{"data":{"@odata.type":"microsoft.graph.OnOtpSendResponseData","actions":[{"@odata.type":"microsoft.graph.OtpSend.continueWithDefaultBehavior"}]}}`
	if got := string(event.Answer()); got != want {
		t.Errorf("Answer is %s, want %s", got, want)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(documented))
	f.Add([]byte(`{"type":"microsoft.graph.authenticationEvent.emailOtpSend","data":{"tenantId":"t","otpContext":{"identifier":"a@b.c","onetimecode":"1"}}}`))
	f.Add([]byte(`[[[[`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := event.Decode(body)
		if err != nil {
			if _, ok := errors.AsType[*event.Error](err); !ok {
				t.Fatalf("error of type %T", err)
			}
			return
		}
		if e.Code.IsZero() || e.Identifier.IsZero() || e.TenantID == "" && e.ListenerID != "" {
			t.Fatalf("accepted without the essentials: %+v", e)
		}
	})
}
