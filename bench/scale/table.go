package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
)

// settle is how long a run goes on before anything is counted.
const settle = time.Minute

// rush is how long the first minute of a load is watched that comes all at once.
const rush = time.Minute

// report writes the tables of docs/scaling.md.
func report(in *Inputs, to io.Writer) error {
	steady := table{head: []string{"sign-ins a second", "always ready", "of MB", "instances at most", "answered by the first call", "by the retry", "not", "p50", "p95", "p99", "calls a second", "store requests a second"}}
	sudden := table{head: []string{"sign-ins a second", "always ready", "answered by the first call", "by the retry", "not", "p50", "p95", "p99"}}
	money := table{head: []string{"sign-ins a second", "sign-ins a month", "always ready", "execution", "executions", "store", "log", "together", "a million sign-ins", "mails by ACS", "mails by SES"}}
	limits := table{head: []string{"sign-ins a second", "external tenants at least", "processors busy, of", "slots busy, of", "table account", "a partition of it", "instances to sweep"}}
	for _, s := range in.Scenarios {
		watched := settle + time.Duration(s.Seconds)*time.Second
		r := simulate(newPlan(in, s, settle, watched))
		b := billFor(in, s, r)
		perMonth := s.Rate * month
		steady.add(number(s.Rate), s.AlwaysReady, number(float64(s.MemoryMB)), r.PeakInstances, share(r.ByFirst, r.SignIns), share(r.ByRetry, r.SignIns), share(r.Failed, r.SignIns),
			ms(r.percentile(.50)), ms(r.percentile(.95)), ms(r.percentile(.99)), rate(float64(r.Executions)/r.Seconds), rate(storeRequests(in, r)/r.Seconds))
		money.add(number(s.Rate), millions(perMonth), dollars(b.alwaysReady), dollars(b.execution), dollars(b.executions), dollars(b.store), dollars(b.log),
			dollars(b.platform()), dollars(b.platform()/perMonth*1e6), dollars(b.acs), dollars(b.ses))
		limits.add(headroom(in, s, r)...)
		for _, ready := range slices.Compact([]int{0, 1, s.AlwaysReady}) {
			s.AlwaysReady = ready
			r := simulate(newPlan(in, s, 0, rush))
			sudden.add(number(s.Rate), ready, share(r.ByFirst, r.SignIns), share(r.ByRetry, r.SignIns), share(r.Failed, r.SignIns),
				ms(r.percentile(.50)), ms(r.percentile(.95)), ms(r.percentile(.99)))
		}
	}
	_, err := fmt.Fprintf(to, "Steady:\n\n%s\nThe first minute of a load that comes all at once:\n\n%s\nHow much of each limit that is:\n\n%s\nA month at the steady load, in dollars:\n\n%s\nProviders, before anybody asked for more:\n\n%s",
		steady, sudden, limits, money, quotas(in))
	return err
}

// headroom says how much of each limit a steady load takes.
func headroom(in *Inputs, s Scenario, r *Result) []any {
	calls := float64(r.Executions) / r.Seconds
	requests := storeRequests(in, r) / r.Seconds
	sweeps := float64(in.Delivery.SweepPages*in.Delivery.SweepRows) / float64(in.Delivery.SweepEvery)
	p := in.Platform
	return []any{
		number(s.Rate),
		number(math.Ceil(s.Rate / float64(in.Entra.PerTenant))),
		fmt.Sprintf("%.2f of %g", calls*(in.Measured.HostCPU+in.Measured.CPU)/1000, s.Cores*float64(r.PeakInstances)),
		fmt.Sprintf("%.1f of %d", r.callSeconds/float64(s.Seconds), s.Concurrency*r.PeakInstances),
		fmt.Sprintf("%.1f %%", 100*requests/float64(p.StoreAccount)),
		fmt.Sprintf("%.1f %%", 100*requests/float64(p.StorePartition*p.Partitions)),
		number(math.Ceil(s.Rate / sweeps)),
	}
}

// quotas says which provider takes which load.
func quotas(in *Inputs) table {
	t := table{head: []string{"provider", "takes"}}
	for _, s := range in.Scenarios {
		t.head = append(t.head, number(s.Rate)+" a second")
	}
	for _, q := range in.Quotas {
		row := []any{"`" + q.Provider + "`", q.Says}
		for _, s := range in.Scenarios {
			switch {
			case q.Rate == 0:
				row = append(row, "by plan")
			case q.Rate >= s.Rate:
				row = append(row, "yes")
			default:
				row = append(row, "no")
			}
		}
		t.add(row...)
	}
	return t
}

// table is one in Markdown.
type table struct {
	head []string
	rows [][]string
}

func (t *table) add(cells ...any) {
	row := make([]string, len(cells))
	for i, cell := range cells {
		row[i] = fmt.Sprint(cell)
	}
	t.rows = append(t.rows, row)
}

// String returns the table's lines.
func (t table) String() string {
	var b strings.Builder
	line := func(cells []string) { b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	line(t.head)
	b.WriteString(strings.Repeat("|---", len(t.head)) + "|\n")
	for _, row := range t.rows {
		line(row)
	}
	return b.String()
}

func share(part, whole int) string {
	if part == whole {
		return "100 %"
	}
	percent := 100 * float64(part) / float64(max(whole, 1))
	switch {
	case part == 0:
		return "0"
	case percent < 0.01:
		return "< 0.01 %"
	case percent > 99.99: // not all, so it must not read as if
		return "> 99.99 %"
	default:
		return fmt.Sprintf("%.2f %%", percent)
	}
}

func ms(d time.Duration) string { return fmt.Sprintf("%d ms", d.Milliseconds()) }

func rate(f float64) string {
	if f < 10 {
		return fmt.Sprintf("%.1f", f)
	}
	return number(float64(int(f + 0.5)))
}

// number writes thousands apart.
func number(f float64) string {
	digits := fmt.Sprintf("%.0f", f)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func millions(f float64) string { return fmt.Sprintf("%.1f M", f/1e6) }

func dollars(f float64) string {
	if f < 10 {
		return fmt.Sprintf("%.2f", f)
	}
	return number(f)
}
