package delivery

import (
	"time"

	"byoe/config"
	"byoe/redact"
)

// Config is what the owner says about the time and about events that come twice.
type Config struct {
	Budget         time.Duration `env:"DELIVERY_BUDGET" envDefault:"1600ms" desc:"From the request's arrival: when every attempt has been made or given its last chance"`
	Hold           time.Duration `env:"DELIVERY_HOLD" envDefault:"2500ms" desc:"From the request's arrival: how long an answer is withheld while an attempt is in flight and may yet turn good; equal to or below the budget: answer at the budget"`
	RotateOnResend bool          `env:"DELIVERY_ROTATE_ON_RESEND" envDefault:"true" desc:"A new code for the same address within three minutes starts with the next provider"`
	DedupeTTL      time.Duration `env:"DEDUPE_TTL" envDefault:"20s" desc:"How long an event is remembered after its last sight; a later one with the same code is a new mail"`
	HashKey        redact.Secret `env:"BYOE_HASH_KEY" desc:"Secret key of every hash, at least 32 characters; random, and then the process's own, where it is not set"`
}

// The bounds of the settings. Entra waits at most 2,000 ms, and the answer has to travel; below 200 ms, the least that
// Entra can be told to wait, no provider answers. An event must be remembered for Entra's two calls, and not for so long
// that a person's "send again" is swallowed.
const (
	leastBudget  = 200 * time.Millisecond
	mostBudget   = 4 * time.Second
	mostHold     = 5 * time.Second
	leastMemory  = 5 * time.Second
	mostMemory   = 2 * time.Minute
	leastHashKey = 32
)

// Validate returns everything that is wrong with the settings.
func (c Config) Validate() config.Problems {
	var problems config.Problems
	add := func(setting, what, remedy string) {
		problems = append(problems, config.Problem{Setting: setting, What: what, Remedy: remedy})
	}
	if c.Budget < leastBudget || c.Budget > mostBudget {
		add("DELIVERY_BUDGET", "not between 200ms and 4s", "Give 1600ms, which fits into the 2,000 ms that Entra waits")
	}
	if c.Hold < 0 || c.Hold > mostHold {
		add("DELIVERY_HOLD", "not between 0 and 5s", "Give 2500ms, or 0 to answer at the budget")
	}
	if c.DedupeTTL < leastMemory || c.DedupeTTL > mostMemory {
		add("DEDUPE_TTL", "not between 5s and 2m", "Give 20s: Entra's two calls take four seconds, and a person who asks again takes longer")
	}
	if !c.HashKey.IsZero() && len(c.HashKey.Reveal()) < leastHashKey {
		add("BYOE_HASH_KEY", "shorter than 32 characters", "Give a random text, such as openssl rand -base64 32 makes")
	}
	return problems
}

// hold is how long an answer may be withheld: never less than the budget.
func (c Config) hold() time.Duration { return max(c.Hold, c.Budget) }
