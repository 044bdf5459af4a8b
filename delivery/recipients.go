package delivery

import (
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"byoe/config"
)

// RecipientConfig is what the owner says about who gets mail.
type RecipientConfig struct {
	Allow   []string `env:"RECIPIENT_ALLOW" desc:"Domains that get mail, such as contoso.example or *.contoso.example, comma-separated; all where empty"`
	Deny    []string `env:"RECIPIENT_DENY" desc:"Domains that get none; goes before RECIPIENT_ALLOW"`
	Limit   string   `env:"RECIPIENT_LIMIT" desc:"Mails per address and time, such as 10/10m; per instance, a retry of Entra's does not count"`
	Refusal string   `env:"RECIPIENT_REFUSAL" envDefault:"error" desc:"What a refusal is: error (where fallback is on, Microsoft then sends the code) or drop (200 and no mail: the only way to really block)"`
}

// The ways to refuse.
const (
	refuseByError = "error"
	refuseByDrop  = "drop"
)

// Validate returns everything that is wrong with the settings.
func (c RecipientConfig) Validate() config.Problems {
	problems := append(domainProblems("RECIPIENT_ALLOW", c.Allow), domainProblems("RECIPIENT_DENY", c.Deny)...)
	if _, _, err := parseLimit(c.Limit); err != nil {
		problems = append(problems, config.Problem{Setting: "RECIPIENT_LIMIT", What: "not of the form number/duration", Remedy: "Give a limit such as 10/10m"})
	}
	if c.Refusal != refuseByError && c.Refusal != refuseByDrop {
		problems = append(problems, config.Problem{Setting: "RECIPIENT_REFUSAL", What: "neither error nor drop", Remedy: "Give error, or drop to really block"})
	}
	return problems
}

func domainProblems(setting string, patterns []string) config.Problems {
	for _, pattern := range patterns {
		name := strings.TrimPrefix(pattern, "*.")
		if name == "" || !strings.Contains(name, ".") || strings.ContainsAny(name, "*@ /") {
			return config.Problems{{Setting: setting, What: "not a list of domains", Remedy: "Give domains such as contoso.example or *.contoso.example, in their ASCII form"}}
		}
	}
	return nil
}

// parseLimit reads "10/10m"; "" is no limit.
func parseLimit(text string) (most int, per time.Duration, _ error) {
	if text == "" {
		return 0, 0, nil
	}
	number, duration, _ := strings.Cut(text, "/")
	most, numberErr := strconv.Atoi(number)
	per, durationErr := time.ParseDuration(duration)
	if err := errors.Join(numberErr, durationErr); err != nil {
		return 0, 0, err
	}
	if most < 1 || per <= 0 {
		return 0, 0, errors.New("not above zero")
	}
	return most, per, nil
}

// recipients says who gets mail.
type recipients struct {
	allow, deny []string
	drop        bool
	most        int
	per         time.Duration

	mu   sync.Mutex
	seen map[Key][]time.Time // when an address got mail, oldest first
}

// maxLimited bounds the addresses whose mails are counted.
const maxLimited = 10_000

func newRecipients(c RecipientConfig) *recipients {
	most, per, _ := parseLimit(c.Limit) // validated; what is not valid limits nothing
	return &recipients{allow: c.Allow, deny: c.Deny, drop: c.Refusal == refuseByDrop, most: most, per: per, seen: map[Key][]time.Time{}}
}

// refuse returns the outcome of a recipient that gets no mail at all, nil for everybody else.
func (r *recipients) refuse(domain string) *Outcome {
	if matches(r.deny, domain) || len(r.allow) > 0 && !matches(r.allow, domain) {
		return &Outcome{denied: true, dropped: r.drop}
	}
	return nil
}

// matches says whether a pattern covers the domain: itself, or with *. any domain below it.
func matches(patterns []string, domain string) bool {
	for _, pattern := range patterns {
		if above, wild := strings.CutPrefix(pattern, "*."); wild {
			if len(domain) > len(above)+1 && strings.EqualFold(domain[len(domain)-len(above)-1:], "."+above) {
				return true
			}
		} else if strings.EqualFold(pattern, domain) {
			return true
		}
	}
	return false
}

// limit counts a mail for the address, or returns the outcome of one mail too many.
func (r *recipients) limit(address Key) *Outcome {
	if r.most == 0 {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	times := r.seen[address]
	for len(times) > 0 && now.Sub(times[0]) >= r.per {
		times = times[1:]
	}
	if len(times) >= r.most {
		r.seen[address] = times
		return &Outcome{limited: true, dropped: r.drop}
	}
	if len(r.seen) >= maxLimited {
		r.forget(now)
	}
	r.seen[address] = append(times, now)
	return nil
}

// forget drops addresses whose mails are too old to count, and everything where that is not enough: a limit that fails
// lets mail through.
func (r *recipients) forget(now time.Time) {
	for address, times := range r.seen {
		if now.Sub(times[len(times)-1]) >= r.per {
			delete(r.seen, address)
		}
	}
	if len(r.seen) >= maxLimited {
		clear(r.seen)
	}
}
