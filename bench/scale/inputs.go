package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Inputs is everything that the simulation takes for given. Each part names where its figures come from; whoever measures
// anew changes measured.json and no code.
type Inputs struct {
	Measured  Measured   `json:"measured"`
	Entra     Entra      `json:"entra"`
	Delivery  Delivery   `json:"delivery"`
	Platform  Platform   `json:"platform"`
	Providers []Provider `json:"providers"`
	Quotas    []Quota    `json:"quotas"`
	Prices    Prices     `json:"prices"`
	Scenarios []Scenario `json:"scenarios"`
}

// Measured is what a call costs, as it was measured on a machine.
type Measured struct {
	From string `json:"from"`
	// HostCPU and CPU are the processor's time that the Functions host and byoe spend on a call, in milliseconds.
	HostCPU float64 `json:"hostCpuMillis"`
	CPU     float64 `json:"byoeCpuMillis"`
	// Start is how long byoe takes from its start to its first answer, in milliseconds.
	Start int `json:"byoeStartMillis"`
	// LogLine and Mail are sizes in bytes: of the line a call, and of a mail with its headers.
	LogLine int `json:"logLineBytes"`
	Mail    int `json:"mailBytes"`
	// Store is how many requests the shared store gets.
	Store StoreRequests `json:"store"`
}

// StoreRequests counts requests to Table Storage.
type StoreRequests struct {
	From string `json:"from"`
	// New is for a delivery that nobody asked for before, Renewal for each third of a second that it lasts.
	New     int `json:"new"`
	Renewal int `json:"renewal"`
	// Held is for each look at a claim that another instance holds, Repeated for one whose mail is out.
	Held     int `json:"held"`
	Repeated int `json:"repeated"`
	// Removal is for each row that is swept.
	Removal int `json:"removal"`
}

// Entra is the caller.
type Entra struct {
	From      string `json:"from"`
	Timeout   int    `json:"timeoutMillis"`
	Retries   int    `json:"retries"`
	PerTenant int    `json:"requestsPerSecondAndTenant"`
}

// Delivery is byoe's own settings and constants.
type Delivery struct {
	From   string `json:"from"`
	Budget int    `json:"budgetMillis"`
	Hold   int    `json:"holdMillis"`
	Most   int    `json:"flightMostMillis"`
	Renew  int    `json:"renewEveryMillis"`
	Look   int    `json:"lookEveryMillis"`
	// Flights is how many deliveries one instance has in flight before it sheds.
	Flights int `json:"flightsMost"`
	// SweepPages of SweepRows rows are what one instance removes from the shared store in a round, one every SweepEvery.
	SweepPages int `json:"sweepPages"`
	SweepRows  int `json:"sweepRows"`
	SweepEvery int `json:"sweepEverySeconds"`
}

// Platform is Azure Functions on Flex Consumption.
type Platform struct {
	From string `json:"from"`
	// StartEvery is how often one more instance is begun, Start how long it takes until it serves, Idle how long it stays
	// without a call. Microsoft publishes none of the three.
	StartEvery int `json:"startEveryMillis"`
	Start      int `json:"startMillis"`
	Idle       int `json:"idleMillis"`
	// Instances is the most that an app may have.
	Instances int `json:"instancesMost"`
	// StoreMedian and StoreTail are how long a request to Table Storage takes: half of them, and 99 of 100.
	StoreMedian float64 `json:"storeMedianMillis"`
	StoreTail   float64 `json:"storeTailMillis"`
	// HostLog is what the host itself writes to Application Insights for a call, in bytes.
	HostLog int `json:"hostLogBytes"`
	// Rates that Table Storage takes, for an account and for one of byoe's partitions.
	StoreAccount   int `json:"storeRequestsPerSecond"`
	StorePartition int `json:"storeRequestsPerSecondAndPartition"`
	Partitions     int `json:"partitions"`
}

// Provider is one way out, in the order of asking.
type Provider struct {
	From   string  `json:"from"`
	Name   string  `json:"name"`
	Median float64 `json:"medianMillis"`
	Tail   float64 `json:"tailMillis"` // 99 of 100
	Fails  float64 `json:"fails"`      // share that it refuses at once
	Hangs  float64 `json:"hangs"`      // share that it never answers
}

// Quota is what a provider takes before anybody asked for more.
type Quota struct {
	Provider string  `json:"provider"`
	Rate     float64 `json:"mailsPerSecond"` // 0: by plan or account
	Says     string  `json:"says"`
}

// Prices are in US dollars, without free grants, reservations and taxes.
type Prices struct {
	From                string  `json:"from"`
	AlwaysReadyBaseline float64 `json:"alwaysReadyBaselinePerGBSecond"`
	AlwaysReady         float64 `json:"alwaysReadyExecutionPerGBSecond"`
	OnDemand            float64 `json:"onDemandExecutionPerGBSecond"`
	Executions          float64 `json:"millionExecutions"`
	StoreRequests       float64 `json:"tenThousandStoreRequests"`
	LogGB               float64 `json:"logGB"`
	ACSMail             float64 `json:"acsMail"`
	ACSMB               float64 `json:"acsMB"`
	SESMail             float64 `json:"sesMail"`
	// MinimumMillis and StepMillis are how the time in which an instance works is rounded up.
	MinimumMillis int `json:"minimumMillis"`
	StepMillis    int `json:"stepMillis"`
}

// Scenario is one load, and what is set up for it.
type Scenario struct {
	Rate        float64 `json:"signInsPerSecond"`
	AlwaysReady int     `json:"alwaysReady"`
	MemoryMB    int     `json:"instanceMemoryMB"`
	Cores       float64 `json:"cores"`
	Concurrency int     `json:"concurrency"`
	// Seconds is how long the steady state is watched.
	Seconds int `json:"seconds"`
}

// readInputs refuses names that it does not know: a figure under a wrong name would be missed by nobody.
func readInputs(text []byte) (*Inputs, error) {
	in := &Inputs{}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(in); err != nil {
		return nil, fmt.Errorf("inputs: %w", err)
	}
	if len(in.Providers) == 0 || len(in.Scenarios) == 0 {
		return nil, errors.New("inputs: without a provider or a scenario there is nothing to simulate")
	}
	for _, s := range in.Scenarios {
		if s.Rate <= 0 || s.Concurrency < 1 || s.Cores <= 0 || s.Seconds < 1 || s.AlwaysReady < 0 {
			return nil, fmt.Errorf("inputs: the scenario of %g a second is incomplete", s.Rate)
		}
	}
	return in, nil
}

// millis makes a figure of the inputs a time.
func millis[N int | float64](n N) time.Duration {
	return time.Duration(float64(n) * float64(time.Millisecond))
}
