package main

// month is how many seconds a month has: 730 hours, as Azure's own price pages count.
const month = 730 * 3600

// bill is what a month at a steady load costs, in dollars.
type bill struct {
	alwaysReady, execution, executions, store, log float64
	acs, ses                                       float64
}

// platform is everything but the mails.
func (b bill) platform() float64 {
	return b.alwaysReady + b.execution + b.executions + b.store + b.log
}

func billFor(in *Inputs, s Scenario, r *Result) bill {
	p := in.Prices
	perMonth := month / r.Seconds
	gb := float64(s.MemoryMB) / 1024
	calls := float64(r.Executions) * perMonth
	mails := float64(r.Mails) * perMonth
	return bill{
		alwaysReady: p.AlwaysReadyBaseline * gb * float64(s.AlwaysReady) * month,
		execution:   gb * perMonth * (p.AlwaysReady*r.AlwaysReadyBilled.Seconds() + p.OnDemand*r.OnDemandBilled.Seconds()),
		executions:  p.Executions * calls / 1e6,
		store:       p.StoreRequests * storeRequests(in, r) * perMonth / 1e4,
		log:         p.LogGB * calls * float64(in.Measured.LogLine+in.Platform.HostLog) / 1e9,
		acs:         mails * (p.ACSMail + p.ACSMB*float64(in.Measured.Mail)/(1<<20)),
		ses:         mails * p.SESMail,
	}
}

// storeRequests adds to a run's requests the removal of the rows that it left behind: one each.
func storeRequests(in *Inputs, r *Result) float64 {
	return float64(r.StoreRequests + r.Mails*in.Measured.Store.Removal)
}
