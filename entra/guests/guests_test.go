package guests_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"byoe/entra/graph"
	"byoe/entra/graphtest"
	"byoe/entra/guests"
)

func TestPolicy(t *testing.T) {
	t.Parallel()
	g := graphtest.New(t)
	for _, want := range []guests.Policy{guests.Disabled, guests.Enabled, guests.Default} {
		if err := guests.SetPolicy(t.Context(), g.Client(), want); err != nil {
			t.Fatal(err)
		}
		got, err := guests.GetPolicy(t.Context(), g.Client())
		if err != nil || got != want || g.Get(graphtest.MethodConfigurations, "Email")["state"] != "enabled" {
			t.Errorf("%s, %v", got, err)
		}
	}
	if err := guests.SetPolicy(t.Context(), g.Client(), "on"); err == nil {
		t.Error("an unknown policy was taken")
	}
	g.Deny("GET", "/policies", 403, "accessDenied", "no")
	if err := guests.SetPolicy(t.Context(), g.Client(), guests.Enabled); err == nil || !strings.Contains(err.Error(), "cannot be read back") {
		t.Error(err)
	}
}

func TestMeans(t *testing.T) {
	t.Parallel()
	if a, b := guests.Default.Means(graph.Public()), guests.Default.Means(graph.USGovernment()); a == b || !strings.Contains(b, "off") {
		t.Error(a, b)
	}
	if got := guests.Policy("unknownFutureValue").Means(graph.Public()); !strings.Contains(got, "unknown") {
		t.Error(got)
	}
}

// Only who signs in with a code is listed, over all pages.
func TestList(t *testing.T) {
	t.Parallel()
	g := graphtest.New(t)
	g.PageSize(2)
	for _, issuer := range []string{"mail", "ExternalAzureAD", "mail", "MicrosoftAccount", "google.com", "mail"} {
		g.AddGuest(issuer+"@fabrikam.example", issuer)
	}
	g.Add(graphtest.Users, graphtest.Object{"userType": "Member", "mail": "own@contoso.example", "externalUserStateChangeDateTime": nil})
	list, err := guests.List(t.Context(), g.Client())
	if err != nil || len(list) != 3 || list[0].State != guests.Accepted || !slices.Equal(list[0].Issuers(), []string{"mail"}) {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	g := graphtest.New(t)
	id := g.AddGuest("o'brien@fabrikam.example", "mail")
	g.AddGuest("two@fabrikam.example", "mail")
	g.AddGuest("two@fabrikam.example", "mail")
	own := g.Add(graphtest.Users, graphtest.Object{"userType": "Member", "mail": "own@contoso.example"})
	for who, says := range map[string]string{
		id: "", "o'brien@fabrikam.example": "", "O'Brien@Fabrikam.example": "", "two@fabrikam.example": "2 users", own: "not a guest",
		"own@contoso.example": "not a guest", "nobody@fabrikam.example": "no such guest", "11111111-aaaa-4bbb-8ccc-00000000000f": "no such guest",
		"nobody": "neither", "": "neither",
	} {
		found, err := guests.Find(t.Context(), g.Client(), who)
		if says == "" && (err != nil || found.ID != id) || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%q: %+v, %v", who, found, err)
		}
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	const home = "https://myapps.microsoft.com/?tenantid=x"
	for name, tt := range map[string]struct {
		mode    graphtest.Mode
		good    bool
		state   string
		invited int
	}{
		"answered":      {0, true, guests.Pending, 1},
		"answer lost":   {graphtest.LostAfter, true, guests.Pending, 1},
		"request lost":  {graphtest.LostBefore, false, guests.Accepted, 0},
		"broken before": {graphtest.Broken, false, guests.Accepted, 0},
		"broken after":  {graphtest.BrokenAfter, true, guests.Pending, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			g := graphtest.New(t)
			id := g.AddGuest("a@fabrikam.example", "mail")
			g.Update(graphtest.Users, id, graphtest.Object{"externalUserStateChangeDateTime": "1999-01-02T03:04:05Z"}) // the bubble's clock begins in 2000
			guest, err := guests.Find(t.Context(), g.Client(), id)
			if err != nil {
				t.Fatal(err)
			}
			if tt.mode != 0 {
				g.FailAt(1, tt.mode)
			}
			redemption, err := guests.Reset(t.Context(), g.Client(), guest, home, true)
			if (err == nil) != tt.good || (redemption.URL != "") != (tt.mode == 0) {
				t.Errorf("%s: %+v, %v", name, redemption, err)
			}
			if got := g.Get(graphtest.Users, id)["externalUserState"]; got != tt.state || len(g.List(graphtest.Invitations)) != tt.invited {
				t.Errorf("%s: the guest is %v", name, got)
			}
		})
	}
	if _, err := guests.Reset(t.Context(), graphtest.New(t).Client(), guests.Guest{ID: "x"}, home, false); err == nil {
		t.Error("reset without an address")
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	d := graph.Directory{ID: graphtest.TenantID, VerifiedDomains: []graph.VerifiedDomain{{Name: graphtest.InitialDomain}}}
	for cloud, want := range map[graph.Cloud][]string{
		graph.Public(): {
			"https://myapps.microsoft.com/?tenantid=" + graphtest.TenantID, "https://myapps.microsoft.com/contoso.onmicrosoft.com",
			"https://portal.azure.com/" + graphtest.TenantID,
		},
		graph.USGovernment(): {
			"https://myapps.microsoft.us/?tenantid=" + graphtest.TenantID, "https://myapps.microsoft.us/contoso.onmicrosoft.com",
			"https://portal.azure.us/" + graphtest.TenantID,
		},
	} {
		var got []string
		for _, link := range guests.Links(d, cloud) {
			got = append(got, link.URL)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v", got)
		}
	}
}
