package delivery

import (
	"time"

	"byoe/config"
)

// Config is what the owner says about the time.
type Config struct {
	Budget time.Duration `env:"DELIVERY_BUDGET" envDefault:"1600ms" desc:"From the request's arrival: when every attempt has been made or given its last chance"`
}

// The bounds of the budget. Entra waits at most 2,000 ms, and the answer has to travel; below 200 ms, the least that
// Entra can be told to wait, no provider answers.
const (
	leastBudget = 200 * time.Millisecond
	mostBudget  = 10 * time.Second
)

// Validate returns everything that is wrong with the settings.
func (c Config) Validate() config.Problems {
	if c.Budget >= leastBudget && c.Budget <= mostBudget {
		return nil
	}
	return config.Problems{{Setting: "DELIVERY_BUDGET", What: "not between 200ms and 10s", Remedy: "Give 1600ms, which fits into the 2,000 ms that Entra waits"}}
}
