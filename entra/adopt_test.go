package entra_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byoe/entra"
	"byoe/entra/graphtest"
)

// state is everything that can be changed.
func (b *bench) state() map[string][]graphtest.Object {
	state := map[string][]graphtest.Object{}
	for collection := range fresh() {
		state[collection] = b.graph.List(collection)
		for _, object := range state[collection] {
			delete(object, "servicePrincipalNames") // follows the URIs
		}
	}
	return state
}

// elsewhere moves the wanted endpoint away from where the walkthrough's is.
func elsewhere(b *bench) string {
	b.want.Endpoint = "https://contoso-mail.azurewebsites.net/api/EmailOtpSend"
	b.want.Apps = nil
	return handMade(b)
}

// adopt does what byoe setup adopt --extension does.
func (b *bench) adopt(id string) (entra.Plan, error) {
	r := b.open()
	sought := r.Sought(b.want)
	sought.ExtensionID, sought.Endpoint = id, ""
	w, err := entra.Inspect(context.Background(), b.graph.ClientOnce(), sought)
	if err != nil {
		return entra.Plan{}, err
	}
	p, err := entra.PlanAdopt(w, b.want, r)
	if err != nil {
		return p, err
	}
	_, err = (&entra.Applier{Client: b.graph.ClientOnce(), Record: r}).Apply(context.Background(), p)
	return p, err
}

func TestAdoptMovesInOneRequestAndBack(t *testing.T) {
	t.Parallel()
	bubble(t, func(b *bench) {
		id := elsewhere(b)
		before := b.state()
		p, err := b.adopt(id)
		if err != nil {
			t.Fatalf("%v\n%s", err, p)
		}
		w := b.inspect()
		if w.Extension.ID != id || w.Extension.Endpoint.URL != b.want.Endpoint || w.Extension.DisplayName != "onEmailOtpSendCustomExtension" || !w.FallsBack() {
			t.Errorf("%+v", w.Extension)
		}
		if len(w.Application.IdentifierURIs) != 2 || *w.Application.API.TokenVersion != 2 || w.Consent == nil {
			t.Errorf("%+v", w.Application)
		}
		moves := 0
		for _, write := range b.graph.Writes() {
			if strings.Contains(write.Body, "targetUrl") {
				moves++
				if !strings.Contains(write.Body, "resourceId") {
					t.Errorf("the target moved alone: %s", write.Body)
				}
			}
			if strings.Contains(write.Body, "requestedAccessTokenVersion") && moves == 0 {
				t.Error("the token version changed before the move")
			}
		}
		if moves != 1 {
			t.Errorf("%d requests moved it", moves)
		}
		if strings.Contains(p.String()+b.recordText(), "hunter2") {
			t.Errorf("the key is told:\n%s%s", p, b.recordText())
		}
		if p, err := b.adopt(id); err != nil || !p.Empty() {
			t.Errorf("a second adopt: %v\n%s", err, p)
		}
		if p := b.do(entra.PlanApply); !p.Empty() {
			t.Errorf("apply after adopt:\n%s", p)
		}
		if _, err := b.try(entra.PlanRemove); err == nil || !strings.Contains(err.Error(), "whole URL with --endpoint") {
			t.Errorf("the way back without the key: %v", err)
		}
		b.want.Endpoint = handTarget
		b.do(entra.PlanRemove)
		after := b.state()
		delete(before, graphtest.AppRoleAssignments) // the consent that was missing stays: it hurts nobody
		delete(after, graphtest.AppRoleAssignments)
		for i := range after[graphtest.Applications] {
			delete(before[graphtest.Applications][i], "requiredResourceAccess")
			delete(after[graphtest.Applications][i], "requiredResourceAccess")
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAdoptThenOffAndOnKeepsTheWayBack(t *testing.T) {
	t.Parallel()
	bubble(t, func(b *bench) {
		if _, err := b.adopt(elsewhere(b)); err != nil {
			t.Fatal(err)
		}
		b.do(entra.PlanOff)
		b.do(entra.PlanOn)
		b.want.Endpoint = handTarget
		p := b.do(entra.PlanRemove)
		if w := b.inspect(); len(w.Listeners) != 1 || w.Extension.Endpoint.URL != handTarget {
			t.Errorf("the way back led to %+v\n%s", w, p)
		}
	})
}

func TestAdoptRefuses(t *testing.T) {
	t.Parallel()
	bubble(t, func(b *bench) {
		id := elsewhere(b)
		if _, err := b.adopt("nowhere"); err == nil || !strings.Contains(err.Error(), id) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("an extension that is not there: %v", err)
		}
	})
	bubble(t, func(b *bench) {
		b.do(entra.PlanApply)
		if _, err := b.adopt(b.inspect().Extension.ID); err == nil || !strings.Contains(err.Error(), "was made by byoe setup") {
			t.Errorf("our own: %v", err)
		}
	})
}

func TestAdoptInterruptedAtEveryRequest(t *testing.T) {
	t.Parallel()
	for name, mode := range lost() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := graphtest.New(t)
			for n := 1; ; n++ {
				finished := false
				bubbleOn(t, g, func(b *bench) {
					id := elsewhere(b)
					b.graph.StopAt(n, mode)
					_, err := b.adopt(id)
					finished = err == nil
					b.graph.Heal()
					if p, err := b.adopt(id); err != nil {
						t.Fatalf("interrupted at request %d, then: %v\n%s", n, err, p)
					}
					if p, err := b.adopt(id); err != nil || !p.Empty() {
						t.Errorf("there is more to do: %v\n%s", err, p)
					}
					if got := b.counts(); got[graphtest.Applications] != 1 || got[graphtest.Extensions] != 1 || got[graphtest.Listeners] != 1 || got[graphtest.AppRoleAssignments] != 1 {
						t.Errorf("%v", got)
					}
					b.want.Endpoint = handTarget
					b.do(entra.PlanRemove)
					if w := b.inspect(); w.Extension.Endpoint.URL != handTarget || len(w.Application.IdentifierURIs) != 1 {
						t.Errorf("the way back led to %+v", w.Extension)
					}
				})
				if finished || t.Failed() {
					return
				}
			}
		})
	}
}
