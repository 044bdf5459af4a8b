package event_test

import (
	"strings"
	"testing"

	"byoe/event"
)

func TestFlowWordsAreReadBack(t *testing.T) {
	t.Parallel()
	for _, want := range event.Flows() {
		if got, ok := event.ParseFlow(want.String()); !ok || got != want {
			t.Errorf("ParseFlow(%q) = %v, %v", want, got, ok)
		}
	}
	if _, ok := event.ParseFlow("nonsense"); ok {
		t.Error("ParseFlow takes nonsense")
	}
}

func TestServicePrincipalName(t *testing.T) {
	t.Parallel()
	if got := (event.ServicePrincipal{AppDisplayName: "App", DisplayName: "Principal"}).Name(); got != "App" {
		t.Errorf("Name is %q, want the application's", got)
	}
	if got := (event.ServicePrincipal{DisplayName: "Principal"}).Name(); got != "Principal" {
		t.Errorf("Name is %q, want the principal's where the application has none", got)
	}
}

func TestFlowOfEachRequestType(t *testing.T) {
	t.Parallel()
	for requestType, want := range map[string]event.Flow{
		"signUp": event.FlowSignUp, "SIGNUP": event.FlowSignUp, "sign-up": event.FlowSignUp,
		"signIn": event.FlowSignIn, "SignIn": event.FlowSignIn, "sign_in": event.FlowSignIn,
		"passwordReset": event.FlowPasswordReset, "resetPassword": event.FlowPasswordReset, "forgotPassword": event.FlowPasswordReset,
		"selfServicePasswordReset": event.FlowPasswordReset, "SSPR": event.FlowPasswordReset,
		"": event.FlowOther, "mfa": event.FlowOther, "signUpAndIn": event.FlowOther,
	} {
		e := decode(t, strings.Replace(documented, `"signUp"`, `"`+requestType+`"`, 1))
		if e.Flow != want {
			t.Errorf("%q is %s, want %s", requestType, e.Flow, want)
		}
	}
}
