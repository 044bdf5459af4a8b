package entra_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byoe/entra"
	"byoe/entra/graphtest"
)

func TestOffIsOneRequestAndOnUndoesIt(t *testing.T) {
	t.Parallel()
	bubble(t, func(b *bench) {
		n := 640
		b.want.Priority = &n
		b.do(entra.PlanApply)
		before := b.graph.List(graphtest.Listeners)[0]
		b.graph.Forget()
		b.do(entra.PlanOff)
		if writes := b.graph.Writes(); len(writes) != 1 || writes[0].Method != "DELETE" {
			t.Errorf("off wrote %v", writes)
		}
		if got := b.counts(); got[graphtest.Listeners] != 0 || got[graphtest.Extensions] != 1 {
			t.Errorf("off left %v", got)
		}
		hour()
		if p := b.do(entra.PlanApply); !p.Empty() || !strings.Contains(p.String(), "byoe setup on") {
			t.Errorf("apply undoes off:\n%s", p)
		}
		if p := b.do(entra.PlanOff); !p.Empty() {
			t.Errorf("a second off would\n%s", p)
		}
		b.want.Apps, b.want.Priority = nil, nil // the record knows
		b.do(entra.PlanOn)
		after := b.graph.List(graphtest.Listeners)[0]
		delete(before, "id")
		delete(after, "id")
		if diff := cmp.Diff(before, after); diff != "" {
			t.Error(diff)
		}
		if p := b.do(entra.PlanOn); !p.Empty() {
			t.Errorf("a second on would\n%s", p)
		}
		if p := b.do(entra.PlanApply); !p.Empty() {
			t.Errorf("apply after on would\n%s", p)
		}
	})
}

func TestOffWorksWithoutTheRest(t *testing.T) {
	t.Parallel()
	bubble(t, func(b *bench) {
		b.do(entra.PlanApply)
		b.lose()
		for _, path := range []string{"/applications", "/servicePrincipals"} {
			b.graph.Deny("", path, 403, "Authorization_RequestDenied", "no")
		}
		r := b.open()
		sought := r.Sought(b.want)
		sought.Brief = true
		w, err := entra.Inspect(t.Context(), b.graph.ClientOnce(), sought)
		if err != nil {
			t.Fatal(err)
		}
		p, err := entra.PlanOff(w, b.want, r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := (&entra.Applier{Client: b.graph.ClientOnce(), Record: r}).Apply(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		if b.counts()[graphtest.Listeners] != 0 {
			t.Error("the listener is still there")
		}
	})
}

func TestOffOfSomebodysOwn(t *testing.T) {
	t.Parallel()
	bubble(t, func(b *bench) {
		handMade(b)
		b.do(entra.PlanOff) // it is found by the target URL
		if b.counts()[graphtest.Listeners] != 0 {
			t.Error("the listener is still there")
		}
		b.want.Endpoint = ""
		b.do(entra.PlanOn)
		if b.counts()[graphtest.Listeners] != 1 {
			t.Error("the listener did not come back")
		}
	})
}

func TestPrepareThenOn(t *testing.T) {
	t.Parallel()
	bubble(t, func(b *bench) {
		b.want.Detached = true
		if p := b.do(entra.PlanApply); b.counts()[graphtest.Listeners] != 0 || !strings.Contains(p.String(), "byoe setup on") {
			t.Errorf("prepare made a listener:\n%s", p)
		}
		b.want.Detached, b.want.Apps = false, nil
		b.do(entra.PlanOn)
		isComplete(t, b)
		if got := b.inspect().Listener.Conditions.Applications.Apps; len(got) != 1 || got[0].AppID != customerApp {
			t.Errorf("on took %v", got)
		}
	})
}

func TestOnWithoutARecordAsksForWhom(t *testing.T) {
	t.Parallel()
	bubble(t, func(b *bench) {
		b.do(entra.PlanApply)
		b.do(entra.PlanOff)
		b.lose()
		b.want.Apps = nil
		if _, err := b.try(entra.PlanOn); err == nil || !strings.Contains(err.Error(), "--all-apps") {
			t.Errorf("%v", err)
		}
		b.want.All = true
		if p := b.do(entra.PlanOn); !strings.Contains(p.String(), "[beta]") || !strings.Contains(p.String(), "v1.0 has neither") {
			t.Errorf("the plan is\n%s", p)
		}
	})
}

func TestOffAndOnInterruptedAtEveryRequest(t *testing.T) {
	t.Parallel()
	made := func(b *bench) { b.do(entra.PlanApply) }
	eachRequest(t, lost(), 2, true, made, entra.PlanOff, func(t *testing.T, b *bench) {
		if b.counts()[graphtest.Listeners] != 0 {
			t.Error("the listener is still there")
		}
		b.do(entra.PlanOn)
		isComplete(t, b)
	})
	off := func(b *bench) {
		b.do(entra.PlanApply)
		b.do(entra.PlanOff)
	}
	t.Run("on", func(t *testing.T) {
		t.Parallel()
		eachRequest(t, lost(), 2, true, off, entra.PlanOn, isComplete)
	})
}
