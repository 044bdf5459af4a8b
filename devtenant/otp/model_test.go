package otp_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"byoe/devtenant/otp"
)

// model says what the engine must do, from a list of what happened to an identifier and nothing else: slow, and too plain
// to have the same mistakes.
type model struct {
	profile otp.Profile
	limit   int
	events  map[string][]event // by identifier, since it was last forgotten
}

// event is a code that was given or a wrong one that was entered.
type event struct {
	at      time.Time
	session string
	code    string // "" for a wrong entry
}

// history returns what still counts: everything, unless it ended a code's life ago.
func (m *model) history(identifier string) []event {
	events := m.events[identifier]
	// A code's life begins when it is given; the entry that spends the last try begins another.
	var end time.Time
	for i, e := range events {
		if e.code != "" || wrongSinceNew(events[:i+1]) == m.profile.RetryAttempts {
			end = e.at.Add(m.profile.Expiration)
		}
	}
	if !time.Now().Before(end) {
		delete(m.events, identifier)
		return nil
	}
	return events
}

// given returns the codes of a history, oldest first.
func given(events []event) []event {
	return slices.DeleteFunc(slices.Clone(events), func(e event) bool { return e.code == "" })
}

// wrongSinceNew counts the wrong entries since the code that counts was first given.
func wrongSinceNew(events []event) int {
	codes := given(events)
	current := codes[len(codes)-1].code
	first := slices.IndexFunc(events, func(e event) bool { return e.code == current })
	return len(events[first:]) - len(given(events[first:]))
}

func (m *model) held() int {
	held := 0
	for identifier := range m.events {
		if m.history(identifier) != nil {
			held++
		}
	}
	return held
}

// generate returns the outcome, and the code that must be given again, if it must.
func (m *model) generate(session, identifier string) (want otp.Outcome, again string) {
	events := m.history(identifier)
	if events == nil {
		if m.held() >= m.limit {
			return otp.MaxNumberOfCodeGenerated, ""
		}
		return otp.Generated, ""
	}
	codes := given(events)
	last := codes[len(codes)-1]
	switch {
	case wrongSinceNew(events) >= m.profile.RetryAttempts:
		return otp.MaxRetryAttempted, ""
	case len(codes) >= m.profile.CodeGenerationAttempts:
		return otp.MaxNumberOfCodeGenerated, ""
	case m.profile.ReuseSameCode && last.session == session:
		return otp.Generated, last.code
	default:
		return otp.Generated, ""
	}
}

func (m *model) verify(session, identifier, code string) otp.Outcome {
	events := m.history(identifier)
	codes := given(events)
	if !slices.ContainsFunc(codes, func(e event) bool { return e.session == session }) {
		return otp.SessionDoesNotExist
	}
	last := codes[len(codes)-1]
	wrong := wrongSinceNew(events)
	switch {
	case last.session != session:
		return otp.SessionConflict
	case wrong >= m.profile.RetryAttempts:
		return otp.MaxRetryAttempted
	case code == last.code:
		delete(m.events, identifier)
		return otp.Verified
	}
	m.events[identifier] = append(events, event{at: time.Now(), session: session})
	if wrong+1 == m.profile.RetryAttempts {
		return otp.InvalidCode
	}
	return otp.VerificationFailedRetryAllowed
}

func TestRandomSequencesGoAsTheModelSays(t *testing.T) {
	t.Parallel()
	seen := map[otp.Outcome]int{}
	for seed := range uint64(200) {
		synctest.Test(t, func(t *testing.T) { compareWithModel(t, seed, seen) })
	}
	for _, o := range otp.Outcomes() {
		if seen[o] < 100 {
			t.Errorf("%v came %d times only: the sequences do not reach it", o, seen[o])
		}
	}
}

func compareWithModel(t *testing.T, seed uint64, seen map[otp.Outcome]int) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	p := otp.Profile{
		Expiration: time.Minute, CodeLength: 12, CharacterSet: "0-9a-f", // so long that no two are the same by chance
		RetryAttempts: 1 + random.IntN(4), CodeGenerationAttempts: 1 + random.IntN(5), ReuseSameCode: seed%2 == 0,
	}
	engine, err := otp.New(p)
	if err != nil {
		t.Fatal(err)
	}
	m := &model{profile: p, limit: 2 + random.IntN(2), events: map[string][]event{}}
	engine.SetLimit(m.limit)
	codes := []string{"", "0123456789ab"}
	var told []string
	tell := func(format string, arguments ...any) { told = append(told, fmt.Sprintf(format, arguments...)) }
	for range 300 {
		session := fmt.Sprintf("s%d", random.IntN(3))
		identifier := fmt.Sprintf("a%d@example.com", random.IntN(3))
		spelled := identifier
		if random.IntN(2) == 0 {
			spelled = strings.ToUpper(identifier)
		}
		var got, want otp.Outcome
		switch n := random.IntN(10); {
		case n < 3:
			var again string
			want, again = m.generate(session, identifier)
			secret, outcome := engine.Generate(session, spelled)
			code := secret.Reveal()
			got = outcome
			if got == otp.Generated {
				if again != "" && code != again || again == "" && slices.Contains(codes, code) || code == "" {
					t.Fatalf("seed %d: the code is not the one to be given; before that:\n%s", seed, strings.Join(told, "\n"))
				}
				m.events[identifier] = append(m.events[identifier], event{time.Now(), session, code})
				codes = append(codes, code)
			} else if code != "" {
				t.Fatalf("seed %d: %v comes with a code", seed, got)
			}
			tell("%s generates for %s: %v", session, identifier, want)
		case n < 9:
			// Mostly one of the last codes, of whichever session and identifier: that is where the rules differ.
			code := codes[len(codes)-1-min(random.IntN(4), len(codes)-1)]
			if random.IntN(4) == 0 {
				code = codes[random.IntN(len(codes))]
			}
			want = m.verify(session, identifier, code)
			got = engine.Verify(session, spelled, code)
			tell("%s verifies for %s: %v", session, identifier, want)
		default:
			pauses := []time.Duration{time.Second, p.Expiration / 3, p.Expiration - time.Nanosecond, time.Nanosecond, p.Expiration}
			pause := pauses[random.IntN(len(pauses))]
			time.Sleep(pause)
			tell("%v pass", pause)
			continue
		}
		seen[got]++
		if got != want {
			t.Fatalf("seed %d: %v, want %v:\n%s", seed, got, want, strings.Join(told, "\n"))
		}
	}
	engine.Verify("s", "a", "") // forgets what has expired
	if held := engine.Held(); held != m.held() {
		t.Fatalf("seed %d: %d identifiers are held, want %d", seed, held, m.held())
	}
}
