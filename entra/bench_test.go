package entra_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"byoe/entra"
	"byoe/entra/graph"
	"byoe/entra/graphtest"
)

const (
	customerApp = "77777777-aaaa-4bbb-8ccc-000000000007"
	secondApp   = "77777777-aaaa-4bbb-8ccc-000000000008"
	endpoint    = "https://contoso-otp.azurewebsites.net/api/EmailOtpSend"
)

func wanted() entra.Want {
	return entra.Want{
		TenantID: graphtest.TenantID, Endpoint: endpoint, Name: entra.DefaultName, Apps: []string{customerApp},
		Fallback: true, Timeout: 2000, Retries: 1, CallerAppID: entra.CallerAppID,
	}
}

// bench is one administrator at work: a tenant, and the record in a folder of their own.
type bench struct {
	t      *testing.T
	graph  *graphtest.Graph
	record string
	want   entra.Want
}

func newBench(t *testing.T, g *graphtest.Graph) *bench {
	return &bench{t: t, graph: g, record: filepath.Join(t.TempDir(), "record.json"), want: wanted()}
}

// bubble runs a test where waiting costs no time.
func bubble(t *testing.T, test func(b *bench)) {
	t.Helper()
	bubbleOn(t, graphtest.New(t), test)
}

// bubbleOn is bubble with a tenant that is made as new: reading Graph's descriptions for each of hundreds takes minutes.
func bubbleOn(t *testing.T, g *graphtest.Graph, test func(b *bench)) {
	t.Helper()
	b := newBench(t, g)
	g.Heal()
	g.Lag(0)
	for collection := range fresh() {
		for _, object := range g.List(collection) {
			if object["appId"] != graphtest.GraphAppID {
				g.Remove(collection, fmt.Sprint(object["id"]))
			}
		}
	}
	synctest.Test(t, func(*testing.T) { test(b) })
}

func (b *bench) open() *entra.Record {
	b.t.Helper()
	r, err := entra.OpenRecord(b.record, b.want.TenantID, b.want.Name)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

type planFunc = func(entra.Wiring, entra.Want, *entra.Record) (entra.Plan, error)

// try inspects, plans and applies, as one command does.
func (b *bench) try(plan planFunc) (entra.Plan, error) {
	return b.tryWith(b.graph.ClientOnce(), plan)
}

func (b *bench) tryWith(client *graph.Client, plan planFunc) (entra.Plan, error) {
	b.t.Helper()
	r := b.open()
	p, err := b.planWith(client, r, plan)
	if err != nil {
		return p, err
	}
	_, err = (&entra.Applier{Client: client, Record: r}).Apply(context.Background(), p)
	return p, err
}

func (b *bench) planWith(client *graph.Client, r *entra.Record, plan planFunc) (entra.Plan, error) {
	w, err := entra.Inspect(context.Background(), client, r.Sought(b.want))
	if err != nil {
		return entra.Plan{}, err
	}
	return plan(w, b.want, r)
}

// do is try that must succeed.
func (b *bench) do(plan planFunc) entra.Plan {
	b.t.Helper()
	p, err := b.try(plan)
	if err != nil {
		b.t.Fatalf("%v\n%s", err, p)
	}
	return p
}

// inspect reads the tenant back.
func (b *bench) inspect() entra.Wiring {
	b.t.Helper()
	w, err := entra.Inspect(context.Background(), b.graph.Client(), b.open().Sought(b.want))
	if err != nil {
		b.t.Fatal(err)
	}
	return w
}

// counts says how many there are of each.
func (b *bench) counts() map[string]int {
	counts := map[string]int{}
	for _, collection := range []string{
		graphtest.Applications, graphtest.ServicePrincipals, graphtest.AppRoleAssignments, graphtest.Extensions, graphtest.Listeners,
	} {
		counts[collection] = len(b.graph.List(collection))
	}
	return counts
}

// complete is what a finished set-up has: Graph's, the caller's and the registration's service principals.
func complete() map[string]int {
	return map[string]int{
		graphtest.Applications: 1, graphtest.ServicePrincipals: 3, graphtest.AppRoleAssignments: 1,
		graphtest.Extensions: 1, graphtest.Listeners: 1,
	}
}

// fresh is what a new tenant has.
func fresh() map[string]int {
	return map[string]int{
		graphtest.Applications: 0, graphtest.ServicePrincipals: 1, graphtest.AppRoleAssignments: 0,
		graphtest.Extensions: 0, graphtest.Listeners: 0,
	}
}

// hour lets news get around.
func hour() { time.Sleep(time.Hour) }
