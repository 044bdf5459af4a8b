package event_test

import (
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
