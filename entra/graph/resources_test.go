package graph_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"byoe/entra/graph"
	"byoe/entra/graphtest"
)

// Azure replaces all settings at once: what is not ours must survive, and nothing is written that is there already.
func TestMerge(t *testing.T) {
	t.Parallel()
	azure := graphtest.NewAzure(map[string]string{"AzureWebJobsStorage": "secret", "ENTRA_AUDIENCE": "old", "MAIL_FROM": "a@b.example"})
	client := azure.Client(t)
	set := map[string]string{"ENTRA_AUDIENCE": "new", "ENTRA_TENANT_ID": "t", "MAIL_FROM": "a@b.example"}
	changed, err := client.Merge(t.Context(), azure.Site, set)
	if err != nil || !slices.Equal(changed, []string{"ENTRA_AUDIENCE", "ENTRA_TENANT_ID"}) {
		t.Fatal(changed, err)
	}
	want := map[string]string{"AzureWebJobsStorage": "secret", "ENTRA_AUDIENCE": "new", "ENTRA_TENANT_ID": "t", "MAIL_FROM": "a@b.example"}
	if got, writes := azure.Settings(); !maps.Equal(got, want) || writes != 1 {
		t.Errorf("%v after %d writes", got, writes)
	}
	if changed, err = client.Merge(t.Context(), azure.Site, set); err != nil || changed != nil {
		t.Error(changed, err)
	}
	if _, writes := azure.Settings(); writes != 1 {
		t.Error("written again, which restarts the app")
	}
	azure.Between = func(settings map[string]string) { delete(settings, "AzureWebJobsStorage") }
	if _, err = client.Merge(t.Context(), azure.Site, map[string]string{"X": "y"}); err == nil || !strings.Contains(err.Error(), "same time") {
		t.Error(err)
	}
	if _, err := client.Merge(t.Context(), graph.Site{Subscription: "s", ResourceGroup: "g", Name: "other"}, set); !graph.IsNotFound(err) {
		t.Error(err)
	}
}

func TestHostNames(t *testing.T) {
	t.Parallel()
	azure := graphtest.NewAzure(nil)
	names, err := azure.Client(t).HostNames(t.Context(), azure.Site)
	if err != nil || !slices.Equal(names, []string{azure.HostName}) {
		t.Error(names, err)
	}
}

func TestParseSite(t *testing.T) {
	t.Parallel()
	const id = "/subscriptions/33333333-aaaa-4bbb-8ccc-000000000003/resourceGroups/mail/providers/Microsoft.Web/sites/contoso-otp"
	for text, good := range map[string]bool{
		id: true, strings.ToLower(id) + "/": true, id + "/slots/staging": true,
		"contoso-otp": false, "": false, id + "/slots/": false, id + "/functions/x": false, "/subscriptions/x/resourceGroups/mail/providers/Microsoft.Web/sites/y": false,
		strings.Replace(id, "Microsoft.Web", "Microsoft.Storage", 1): false,
	} {
		site, err := graph.ParseSite(text)
		if (err == nil) != good || good && !strings.EqualFold(site.ID(), strings.TrimSuffix(text, "/")) {
			t.Errorf("%s: %+v, %v", text, site, err)
		}
	}
}
