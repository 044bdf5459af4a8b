package devtenant

import (
	"context"
	"slices"
	"sync"
	"time"

	"byoe/devtenant/otp"
)

// keptJourneys is how many people's sign-ins are remembered; the oldest makes room.
const keptJourneys = 200

// Preset is a kind of one-time code that the sign-in page offers.
type Preset struct {
	// Name is what forms send, Words what people read.
	Name, Words string
	Profile     otp.Profile
}

// Presets are the codes of the three kinds of tenant.
func Presets() []Preset {
	return []Preset{
		{"external-id", "External ID: 8 digits, 30 minutes", otp.ExternalID()},
		{"b2b-guest", "B2B guest: 8 digits, 30 minutes, signed in for 24 hours", otp.B2BGuest()},
		{presetB2C, "Azure AD B2C: 6 digits, 10 minutes", otp.B2C()},
	}
}

// journey is one person's way through a sign-in, from the first code until they are in or give up.
type journey struct {
	ID     string
	Preset string
	// SignIn is what they asked for. It has no code: each sending has its own.
	SignIn SignIn
	// Calls are the ids of the exchanges with the webhook, one for each code.
	Calls []string
	// Outcome is the code engine's last word.
	Outcome otp.Outcome
	// Until is when a verified sign-in ends by itself; zero where the preset says nothing.
	Until time.Time
}

// Verified says whether the person is in.
func (j journey) Verified() bool { return j.Outcome == otp.Verified }

// journeys are the sign-ins under way, and the engines that know their codes.
type journeys struct {
	presets []Preset
	engines map[string]*otp.Engine

	mu   sync.Mutex
	kept []journey // oldest first
}

// newJourneys makes an engine for each preset. The first is what the page proposes.
func newJourneys(presets []Preset) (*journeys, error) {
	if len(presets) == 0 {
		presets = Presets()
	}
	j := &journeys{presets: presets, engines: map[string]*otp.Engine{}}
	for _, preset := range presets {
		engine, err := otp.New(preset.Profile)
		if err != nil {
			return nil, err
		}
		j.engines[preset.Name] = engine
	}
	return j, nil
}

// engine is that of a preset, or the first where there is none of that name.
func (j *journeys) engine(preset string) *otp.Engine {
	if engine, ok := j.engines[preset]; ok {
		return engine
	}
	return j.engines[j.presets[0].Name]
}

// session is how long somebody stays signed in with a code of that preset; 0 is not said.
func (j *journeys) session(preset string) time.Duration {
	for _, p := range j.presets {
		if p.Name == preset {
			return p.Profile.Session
		}
	}
	return 0
}

func (j *journeys) find(id string) (journey, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	i := slices.IndexFunc(j.kept, func(known journey) bool { return known.ID == id })
	if i < 0 {
		return journey{}, false
	}
	return j.kept[i], true
}

// keep stores a journey under its id.
func (j *journeys) keep(changed journey) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if i := slices.IndexFunc(j.kept, func(known journey) bool { return known.ID == changed.ID }); i >= 0 {
		j.kept[i] = changed
		return
	}
	j.kept = append(j.kept, changed)
	if len(j.kept) > keptJourneys {
		j.kept = slices.Clone(j.kept[len(j.kept)-keptJourneys:])
	}
}

// begin starts a journey: a code is made and the webhook called.
func (t *Tenant) begin(ctx context.Context, preset string, s SignIn) (journey, error) {
	return t.sendNew(ctx, journey{ID: newGUID(), Preset: preset, SignIn: s})
}

// sendNew makes a code and calls the webhook with it. Where the engine makes none, the webhook hears nothing, as at Entra.
func (t *Tenant) sendNew(ctx context.Context, j journey) (journey, error) {
	code, outcome := t.journeys.engine(j.Preset).Generate(j.ID, j.SignIn.To)
	j.Outcome = outcome
	if outcome == otp.Generated {
		s := j.SignIn
		s.Code = code
		caller, target := t.route(j.Preset)
		call, err := t.send(ctx, caller, originSignIn, target, s)
		if err != nil {
			return journey{}, err
		}
		j.Calls = append(slices.Clone(j.Calls), call.ID)
	}
	t.journeys.keep(j)
	return j, nil
}

// route is who brings the code of a preset, and where: a B2C policy does where the webhook has an endpoint for it.
func (t *Tenant) route(preset string) (caller Caller, target string) {
	w := t.webhook()
	if preset == presetB2C && w.B2C != "" {
		return Policy, w.B2C
	}
	return Entra, w.URL
}

// verify takes what the person typed.
func (t *Tenant) verify(j journey, typed string) journey {
	j.Outcome = t.journeys.engine(j.Preset).Verify(j.ID, j.SignIn.To, typed)
	if session := t.journeys.session(j.Preset); j.Verified() && session > 0 {
		j.Until = time.Now().Add(session)
	}
	t.journeys.keep(j)
	return j
}

// expire lets the code's time pass at once.
func (t *Tenant) expire(j journey) { t.journeys.engine(j.Preset).Expire(j.SignIn.To) }
