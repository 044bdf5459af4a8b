package entra_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byoe/entra"
	"byoe/entra/graphtest"
)

func TestApplyMakesEverythingAndThenNothing(t *testing.T) {
	t.Parallel()
	bubble(t, func(b *bench) {
		p := b.do(entra.PlanApply)
		if len(p.Steps) != 7 {
			t.Errorf("the plan is\n%s", p)
		}
		if diff := cmp.Diff(complete(), b.counts()); diff != "" {
			t.Error(diff)
		}
		w := b.inspect()
		if !w.FallsBack() || w.Timeout() != 2000 || w.Listener == nil || w.Consent == nil {
			t.Errorf("%+v", w)
		}
		if p := b.do(entra.PlanApply); !p.Empty() {
			t.Errorf("a second apply would change:\n%s", p)
		}
	})
}

// modes are the ways in which a request goes wrong.
func modes() map[string]graphtest.Mode {
	return map[string]graphtest.Mode{
		"lost before": graphtest.LostBefore, "lost after": graphtest.LostAfter, "broken": graphtest.Broken, "broken after": graphtest.BrokenAfter,
	}
}

// lost are the two modes that matter most, for what need not be tried in all of them.
func lost() map[string]graphtest.Mode {
	return map[string]graphtest.Mode{"lost before": graphtest.LostBefore, "lost after": graphtest.LostAfter}
}

// everyRequest is the distance between two interruptions: every request, and every fourth under the race detector.
func everyRequest() int {
	if testing.Short() {
		return 4
	}
	return 1
}

// eachRequest runs a command again and again, ending it at each of its requests, and then once more to its end.
func eachRequest(t *testing.T, modes map[string]graphtest.Mode, lag int, keepRecord bool, before func(b *bench), plan planFunc, check func(t *testing.T, b *bench)) {
	t.Helper()
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphtest.New(t)
			for n := 1; ; n += everyRequest() {
				finished := false
				bubbleOn(t, g, func(b *bench) {
					before(b)
					hour()
					b.graph.Lag(lag)
					b.graph.StopAt(n, mode)
					_, err := b.try(plan)
					finished = err == nil
					b.graph.Heal()
					if !keepRecord {
						b.lose()
						hour() // a lost record and a directory that has not heard: that is one thing too many
						b.look(4)
					}
					if p, err := b.try(plan); err != nil {
						t.Errorf("interrupted at request %d, then: %v\n%s", n, err, p)
						return
					}
					check(t, b)
				})
				if finished || t.Failed() {
					if n < 5 {
						t.Errorf("only %d requests were made", n)
					}
					return
				}
			}
		})
	}
}

func TestApplyInterruptedAtEveryRequest(t *testing.T) {
	t.Parallel()
	t.Run("with lag", func(t *testing.T) {
		t.Parallel()
		eachRequest(t, modes(), 2, true, func(*bench) {}, entra.PlanApply, isComplete)
	})
	t.Run("without", func(t *testing.T) {
		t.Parallel()
		eachRequest(t, lost(), 0, true, func(*bench) {}, entra.PlanApply, isComplete)
	})
	t.Run("record lost", func(t *testing.T) {
		t.Parallel()
		eachRequest(t, lost(), 0, false, func(*bench) {}, entra.PlanApply, isComplete)
	})
}

func isComplete(t *testing.T, b *bench) {
	t.Helper()
	if diff := cmp.Diff(complete(), b.counts()); diff != "" {
		t.Error(diff)
	}
	b.graph.Lag(0)
	b.look(4)
	if p := b.do(entra.PlanApply); !p.Empty() {
		t.Errorf("there is more to do:\n%s", p)
	}
}

func TestApplyWaitsForTheDirectory(t *testing.T) {
	t.Parallel()
	bubble(t, func(b *bench) {
		b.graph.Lag(3)
		b.do(entra.PlanApply)
		isComplete(t, b)
	})
}

func TestApplyThrottled(t *testing.T) {
	t.Parallel()
	bubble(t, func(b *bench) {
		b.graph.Throttle(2, 7e9)
		if _, err := b.tryWith(b.graph.Client(), entra.PlanApply); err != nil {
			t.Fatal(err)
		}
		isComplete(t, b)
	})
}

func TestApplyFindsItsThingsAmongMany(t *testing.T) {
	t.Parallel()
	bubble(t, func(b *bench) {
		for i := range 7 {
			b.graph.Add(graphtest.Extensions, graphtest.Object{"@odata.type": "#microsoft.graph.onTokenIssuanceStartCustomExtension", "displayName": fmt.Sprint(i)})
			b.graph.Add(graphtest.Listeners, graphtest.Object{"@odata.type": "#microsoft.graph.onTokenIssuanceStartListener"})
			b.graph.Add(graphtest.Applications, graphtest.Object{"appId": fmt.Sprintf("88888888-aaaa-4bbb-8ccc-00000000000%d", i), "displayName": entra.DefaultName})
		}
		b.graph.PageSize(2)
		b.do(entra.PlanApply)
		b.lose()
		p := b.do(entra.PlanApply)
		if !p.Empty() || !strings.Contains(p.String(), "was found by its name and mark") {
			t.Errorf("with the record lost:\n%s", p)
		}
		if got := b.counts(); got[graphtest.Applications] != 8 || got[graphtest.Extensions] != 8 || got[graphtest.Listeners] != 8 {
			t.Errorf("%v", got)
		}
	})
}

func TestApplyMendsWhatDrifted(t *testing.T) {
	t.Parallel()
	extension := func(b *bench, changes graphtest.Object) {
		b.graph.Update(graphtest.Extensions, b.inspect().Extension.ID, changes)
	}
	for name, test := range map[string]struct {
		drift func(b *bench)
		steps int
	}{
		"nothing": {func(*bench) {}, 0},
		"time-out": {func(b *bench) {
			extension(b, graphtest.Object{"clientConfiguration": graphtest.Object{"timeoutInMilliseconds": 1000, "maximumRetries": nil}})
		}, 1},
		"no client configuration": {func(b *bench) { extension(b, graphtest.Object{"clientConfiguration": nil}) }, 1},
		"fallback":                {func(b *bench) { extension(b, graphtest.Object{"behaviorOnError": nil}) }, 1},
		"target": {func(b *bench) {
			extension(b, graphtest.Object{"endpointConfiguration": graphtest.Object{"targetUrl": "https://elsewhere.example/"}})
		}, 1},
		"token version": {func(b *bench) {
			b.graph.Update(graphtest.Applications, b.inspect().Application.ID, graphtest.Object{"api": graphtest.Object{"requestedAccessTokenVersion": nil}})
		}, 1},
		"URIs": {func(b *bench) {
			b.graph.Update(graphtest.Applications, b.inspect().Application.ID, graphtest.Object{"identifierUris": []any{}})
		}, 1},
		"consent": {func(b *bench) { b.graph.Remove(graphtest.AppRoleAssignments, b.inspect().Consent.ID) }, 1},
		"disabled": {func(b *bench) {
			b.graph.Update(graphtest.ServicePrincipals, b.inspect().Principal.ID, graphtest.Object{"accountEnabled": false})
		}, 1},
		"disabled caller": {func(b *bench) {
			b.graph.Update(graphtest.ServicePrincipals, b.inspect().Caller.ID, graphtest.Object{"accountEnabled": false})
		}, 1},
		"listener gone":     {func(b *bench) { b.graph.Remove(graphtest.Listeners, b.inspect().Listener.ID) }, 1},
		"extension gone":    {func(b *bench) { b.graph.Remove(graphtest.Extensions, b.inspect().Extension.ID) }, 2},
		"applications":      {func(b *bench) { b.want.Apps = []string{customerApp, secondApp} }, 1},
		"every application": {func(b *bench) { b.want.Apps, b.want.All = nil, true }, 1},
		"from every application": {func(b *bench) {
			b.want.Apps, b.want.All = nil, true
			b.do(entra.PlanApply)
			b.want.Apps, b.want.All = []string{customerApp}, false
		}, 1},
		"priority":    {func(b *bench) { n := 700; b.want.Priority = &n }, 1},
		"no fallback": {func(b *bench) { b.want.Fallback = false }, 1},
		"an override of the listener": {func(b *bench) {
			b.graph.Update(graphtest.Listeners, b.inspect().Listener.ID, graphtest.Object{"handler": graphtest.Object{
				"configuration": graphtest.Object{"behaviorOnError": nil, "clientConfiguration": graphtest.Object{"timeoutInMilliseconds": 500, "maximumRetries": 0}},
			}})
		}, 1},
		"host": {func(b *bench) { b.want.Endpoint = "https://mail.contoso.example/api/EmailOtpSend?code=hunter2" }, 3},
		"key":  {func(b *bench) { b.want.Endpoint += "?code=hunter2" }, 1},
		"key changed": {func(b *bench) {
			b.want.Endpoint += "?code=hunter2"
			b.do(entra.PlanApply)
			b.want.Endpoint = endpoint + "?code=hunter3"
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(b *bench) {
				b.do(entra.PlanApply)
				hour()
				test.drift(b)
				p := b.do(entra.PlanApply)
				if len(p.Steps) != test.steps {
					t.Errorf("%d steps, not %d:\n%s", len(p.Steps), test.steps, p)
				}
				if strings.Contains(p.String(), "hunter") || strings.Contains(b.recordText(), "hunter") {
					t.Errorf("a key is told:\n%s%s", p, b.recordText())
				}
				isComplete(t, b)
			})
		})
	}
}

func TestApplyRefuses(t *testing.T) {
	t.Parallel()
	listener := func(b *bench, conditions graphtest.Object) {
		b.graph.Add(graphtest.Listeners, graphtest.Object{
			"@odata.type": "#microsoft.graph.onEmailOtpSendListener", "priority": 500, "conditions": graphtest.Object{"applications": conditions},
			"handler": graphtest.Object{"@odata.type": "#microsoft.graph.onOtpSendCustomExtensionHandler", "customExtension": graphtest.Object{"id": "other"}},
		})
	}
	for name, test := range map[string]struct {
		prepare func(b *bench)
		says    []string
	}{
		"a workforce tenant":     {func(b *bench) { b.graph.SetTenantType("AAD") }, []string{"workforce tenant", "does not fire", "external tenant's id"}},
		"an Azure AD B2C tenant": {func(b *bench) { b.graph.SetTenantType("AAD B2C") }, []string{"AAD B2C", "does not fire"}},
		"the wrong directory":    {func(b *bench) { b.want.TenantID = "99999999-aaaa-4bbb-8ccc-000000000009" }, []string{"signed in to the directory " + graphtest.TenantID, "nothing was changed"}},
		"no applications":        {func(b *bench) { b.want.Apps = nil }, []string{"--app", "--all-apps", "--prepare"}},
		"another's listener": {func(b *bench) {
			listener(b, graphtest.Object{"includeApplications": []any{graphtest.Object{"appId": strings.ToUpper(customerApp)}}})
		}, []string{"another extension, other", "adopt --extension other", "--priority above its 500"}},
		"another's listener for all": {func(b *bench) { listener(b, graphtest.Object{"includeAllApplications": true}) }, []string{"all applications"}},
		"somebody's extension":       {func(b *bench) { handMade(b) }, []string{"was not made by byoe setup", "adopt --extension"}},
		"no permission": {func(b *bench) {
			b.graph.Deny("POST", "/applications", 403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
		}, []string{"create the app registration", "Authorization_RequestDenied", "request-id", "byoe setup --help"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(b *bench) {
				test.prepare(b)
				before := b.counts()
				_, err := b.try(entra.PlanApply)
				if err == nil {
					t.Fatal("it was done")
				}
				for _, want := range test.says {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("%q is not in: %v", want, err)
					}
				}
				if after := b.counts(); name != "no permission" && !cmp.Equal(before, after) {
					t.Errorf("something was made: %v", after)
				}
			})
		})
	}
}

func TestApplyBesideAnotherListenerWithAPriority(t *testing.T) {
	t.Parallel()
	bubble(t, func(b *bench) {
		b.graph.Add(graphtest.Listeners, graphtest.Object{
			"@odata.type": "#microsoft.graph.onEmailOtpSendListener", "priority": 500,
			"conditions": graphtest.Object{"applications": graphtest.Object{"includeAllApplications": true}},
			"handler":    graphtest.Object{"customExtension": graphtest.Object{"id": "other"}},
		})
		n := 600
		b.want.Priority = &n
		if p := b.do(entra.PlanApply); !strings.Contains(p.String(), "[beta]") || !strings.Contains(p.String(), "priority 500 against our 600") {
			t.Errorf("the plan is\n%s", p)
		}
	})
}
