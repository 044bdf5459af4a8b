package entra_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byoe/entra"
	"byoe/entra/graphtest"
)

func TestRemoveLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, lost := range []bool{false, true} {
		bubble(t, func(b *bench) {
			b.do(entra.PlanApply)
			want := fresh()
			if lost {
				b.lose()
				want[graphtest.ServicePrincipals] = 2 // the caller bears no mark
			}
			p := b.do(entra.PlanRemove)
			if diff := cmp.Diff(want, b.counts()); diff != "" || len(p.Left) != 0 {
				t.Errorf("record lost %v: %s\n%s", lost, diff, p)
			}
			if p := b.do(entra.PlanRemove); !p.Empty() {
				t.Errorf("a second remove would\n%s", p)
			}
			b.do(entra.PlanApply)
			isComplete(t, b)
		})
	}
}

func TestRemoveInterruptedAtEveryRequest(t *testing.T) {
	t.Parallel()
	eachRequest(t, lost(), 0, true, func(b *bench) { b.do(entra.PlanApply) }, entra.PlanRemove, func(t *testing.T, b *bench) {
		if diff := cmp.Diff(fresh(), b.counts()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRemoveTakesOnlyItsOwn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		meanwhile func(b *bench)
		left      map[string]int
		says      string
	}{
		"another extension of another event": {func(b *bench) {
			b.graph.Add(graphtest.Extensions, graphtest.Object{"@odata.type": "#microsoft.graph.onTokenIssuanceStartCustomExtension"})
		}, map[string]int{graphtest.Extensions: 1, graphtest.ServicePrincipals: 2}, "1 other extensions of the tenant need it"},
		"the extension was repointed": {func(b *bench) {
			b.graph.Update(graphtest.Extensions, b.inspect().Extension.ID, graphtest.Object{"endpointConfiguration": graphtest.Object{"targetUrl": "https://other.example/"}})
		}, map[string]int{graphtest.Extensions: 1, graphtest.Applications: 1, graphtest.ServicePrincipals: 3, graphtest.AppRoleAssignments: 1}, "somebody changed its targetUrl since"},
		"another listener calls it": {func(b *bench) {
			b.graph.Add(graphtest.Listeners, graphtest.Object{
				"@odata.type": "#microsoft.graph.onEmailOtpSendListener",
				"handler":     graphtest.Object{"customExtension": graphtest.Object{"id": b.inspect().Extension.ID}},
			})
		}, map[string]int{graphtest.Listeners: 1, graphtest.Extensions: 1, graphtest.Applications: 1, graphtest.ServicePrincipals: 3, graphtest.AppRoleAssignments: 1}, "which is not ours, calls it"},
		"the registration serves something else": {func(b *bench) {
			b.graph.Update(graphtest.Applications, b.inspect().Application.ID, graphtest.Object{"passwordCredentials": []any{graphtest.Object{"keyId": "x"}}})
		}, map[string]int{graphtest.Applications: 1, graphtest.ServicePrincipals: 2, graphtest.AppRoleAssignments: 1}, "so it serves something else too"},
		"the caller was there before": {func(b *bench) {}, map[string]int{graphtest.ServicePrincipals: 2}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(b *bench) {
				if name == "the caller was there before" {
					b.graph.Add(graphtest.ServicePrincipals, graphtest.Object{"appId": graphtest.CallerAppID, "accountEnabled": true})
				}
				b.do(entra.PlanApply)
				hour()
				test.meanwhile(b)
				p := b.do(entra.PlanRemove)
				want := fresh()
				for collection, n := range test.left {
					want[collection] = n
				}
				if diff := cmp.Diff(want, b.counts()); diff != "" {
					t.Errorf("%s\n%s", diff, p)
				}
				if !strings.Contains(p.String(), test.says) {
					t.Errorf("%q is not in\n%s", test.says, p)
				}
			})
		})
	}
}
