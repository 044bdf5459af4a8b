package entra_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byoe/entra"
	"byoe/entra/graphtest"
)

// expected is what a webhook of the finished set-up relies on.
func expected(w entra.Wiring) entra.Expect {
	return entra.Expect{
		TenantID: graphtest.TenantID, Audience: w.Application.AppID, CallerAppID: entra.CallerAppID, Endpoint: endpoint,
		Budget: 1600 * time.Millisecond, AllowedApps: []string{strings.ToUpper(customerApp)}, AllowedExtensions: []string{w.Extension.ID},
	}
}

func wrong(findings []entra.Finding) map[string]entra.Verdict {
	wrong := map[string]entra.Verdict{}
	for _, f := range findings {
		if f.Verdict != entra.OK {
			wrong[f.ID] = f.Verdict
		}
	}
	return wrong
}

func TestDiagnose(t *testing.T) {
	t.Parallel()
	update := func(collection string, id func(entra.Wiring) string, changes graphtest.Object) func(*bench, *entra.Expect) {
		return func(b *bench, _ *entra.Expect) { b.graph.Update(collection, id(b.inspect()), changes) }
	}
	extension := func(w entra.Wiring) string { return w.Extension.ID }
	application := func(w entra.Wiring) string { return w.Application.ID }
	listener := func(w entra.Wiring) string { return w.Listener.ID }
	expect := func(change func(e *entra.Expect)) func(*bench, *entra.Expect) {
		return func(_ *bench, e *entra.Expect) { change(e) }
	}
	other := func(priority int, extension string) func(*bench, *entra.Expect) {
		return func(b *bench, _ *entra.Expect) {
			if extension == "" {
				extension = b.graph.Add(graphtest.Extensions, graphtest.Object{"@odata.type": "#microsoft.graph.onOtpSendCustomExtension"})
			}
			b.graph.Add(graphtest.Listeners, graphtest.Object{
				"@odata.type": "#microsoft.graph.onEmailOtpSendListener", "priority": priority,
				"conditions": graphtest.Object{"applications": graphtest.Object{"includeAllApplications": true}},
				"handler":    graphtest.Object{"customExtension": graphtest.Object{"id": extension}},
			})
		}
	}
	for name, test := range map[string]struct {
		breakIt func(b *bench, e *entra.Expect)
		want    map[string]entra.Verdict
		code    string
		remedy  string
	}{
		"nothing":       {expect(func(*entra.Expect) {}), map[string]entra.Verdict{}, "", ""},
		"wrong tenant":  {expect(func(e *entra.Expect) { e.TenantID = customerApp }), map[string]entra.Verdict{"tenant": entra.Fail}, "1003002", "ENTRA_TENANT_ID"},
		"workforce":     {func(b *bench, _ *entra.Expect) { b.graph.SetTenantType("AAD") }, map[string]entra.Verdict{"tenant-type": entra.Fail}, "", "external tenants only"},
		"caller absent": {func(b *bench, _ *entra.Expect) { b.graph.Remove(graphtest.ServicePrincipals, b.inspect().Caller.ID) }, map[string]entra.Verdict{"caller": entra.Fail}, "1003017", "setup apply"},
		"caller off": {
			update(graphtest.ServicePrincipals, func(w entra.Wiring) string { return w.Caller.ID }, graphtest.Object{"accountEnabled": false}),
			map[string]entra.Verdict{"caller": entra.Fail},
			"1003018", "setup apply",
		},
		"Graph off": {
			update(graphtest.ServicePrincipals, func(w entra.Wiring) string { return w.Graph.ID }, graphtest.Object{"accountEnabled": false}),
			map[string]entra.Verdict{"graph": entra.Fail},
			"1003022", "enterprise applications",
		},
		"http": {
			update(graphtest.Extensions, extension, graphtest.Object{"endpointConfiguration": graphtest.Object{"targetUrl": "http://contoso-otp.azurewebsites.net/api/EmailOtpSend"}}),
			map[string]entra.Verdict{"target-url": entra.Fail, "endpoint": entra.Fail, "validation": entra.Fail},
			"1003020", "setup apply",
		},
		"another host": {
			update(graphtest.Extensions, extension, graphtest.Object{"endpointConfiguration": graphtest.Object{"targetUrl": "https://new.example/api/EmailOtpSend"}}),
			map[string]entra.Verdict{"host": entra.Fail, "endpoint": entra.Fail, "validation": entra.Fail},
			"1003015", "setup apply",
		},
		"not among the URIs": {
			update(graphtest.Applications, application, graphtest.Object{"identifierUris": []any{}}),
			map[string]entra.Verdict{"identifier-uri": entra.Fail},
			"1003014", "setup apply",
		},
		"another audience":  {expect(func(e *entra.Expect) { e.Audience = "api://host.example/" + customerApp }), map[string]entra.Verdict{"audience": entra.Fail}, "1003005", "Set ENTRA_AUDIENCE to"},
		"audience as a URI": {expect(func(e *entra.Expect) { e.Audience = "api://host.example/" + e.Audience }), map[string]entra.Verdict{}, "", ""},
		"v1 tokens": {
			update(graphtest.Applications, application, graphtest.Object{"api": graphtest.Object{"requestedAccessTokenVersion": nil}}),
			map[string]entra.Verdict{"token-version": entra.Fail},
			"1003002", "ENTRA_ACCEPT_V1",
		},
		"principal off": {
			update(graphtest.ServicePrincipals, func(w entra.Wiring) string { return w.Principal.ID }, graphtest.Object{"accountEnabled": false}),
			map[string]entra.Verdict{"principal": entra.Fail},
			"1003019", "setup apply",
		},
		"no consent": {
			func(b *bench, _ *entra.Expect) { b.graph.Remove(graphtest.AppRoleAssignments, b.inspect().Consent.ID) },
			map[string]entra.Verdict{"consent": entra.Fail, "validation": entra.Fail},
			"1003021", "setup apply",
		},
		"no listener": {
			func(b *bench, _ *entra.Expect) { b.graph.Remove(graphtest.Listeners, b.inspect().Listener.ID) },
			map[string]entra.Verdict{"listener": entra.Fail, "scope": entra.Skip, "listener-conflict": entra.Skip},
			"", "",
		},
		"no application": {
			update(graphtest.Listeners, listener, graphtest.Object{"conditions": graphtest.Object{"applications": graphtest.Object{"includeApplications": []any{}}}}),
			map[string]entra.Verdict{"scope": entra.Fail},
			"", "--all-apps",
		},
		"a stronger listener": {other(900, ""), map[string]entra.Verdict{"listener-conflict": entra.Fail}, "1003011", "--priority"},
		"a weaker listener":   {other(1, ""), map[string]entra.Verdict{"listener-conflict": entra.Warn}, "", "--priority"},
		"an orphan":           {other(1, "gone"), map[string]entra.Verdict{"listener-conflict": entra.Warn, "listener-orphan": entra.Fail}, "1003011", "Delete the listener"},
		"Entra's own time-out": {
			update(graphtest.Extensions, extension, graphtest.Object{"clientConfiguration": nil}),
			map[string]entra.Verdict{"time-out": entra.Fail, "retries": entra.Warn},
			"1003005", "2,000 ms",
		},
		"a shorter time-out": {
			update(graphtest.Extensions, extension, graphtest.Object{"clientConfiguration": graphtest.Object{"timeoutInMilliseconds": 1800}}),
			map[string]entra.Verdict{"time-out": entra.Warn},
			"1003005", "2,000 ms",
		},
		"no fallback": {update(graphtest.Extensions, extension, graphtest.Object{"behaviorOnError": nil}), map[string]entra.Verdict{"fallback": entra.Warn}, "AADSTS1100001", "no code at all"},
		"allow-lists": {expect(func(e *entra.Expect) { e.AllowedApps, e.AllowedExtensions = []string{secondApp}, []string{"x"} }), map[string]entra.Verdict{"allow-lists": entra.Fail}, "1003002", "setting"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(b *bench) {
				b.do(entra.PlanApply)
				e := expected(b.inspect())
				test.breakIt(b, &e)
				findings := entra.Diagnose(b.inspect(), e)
				if diff := cmp.Diff(test.want, wrong(findings)); diff != "" {
					t.Errorf("%s%+v", diff, findings)
				}
				told := test.code == "" && test.remedy == ""
				for _, f := range findings {
					for _, code := range append(f.Codes, "") {
						told = told || f.Verdict != entra.OK && code == test.code && strings.Contains(f.Remedy, test.remedy)
					}
				}
				if !told {
					t.Errorf("%s and %q are not told:\n%+v", test.code, test.remedy, findings)
				}
			})
		})
	}
}

func TestDiagnoseAnEmptyTenant(t *testing.T) {
	t.Parallel()
	bubble(t, func(b *bench) {
		findings := entra.Diagnose(b.inspect(), entra.Expect{})
		seen := map[string]bool{}
		for _, f := range findings {
			if seen[f.ID] || f.Verdict == entra.Fail && f.Remedy == "" {
				t.Errorf("%+v", f)
			}
			seen[f.ID] = true
		}
		if got := wrong(findings); got["extension"] != entra.Fail || got["host"] != entra.Skip {
			t.Errorf("%v", got)
		}
	})
}
