package message

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"sync"
	"time"

	"byoe/config"
	"byoe/event"
)

// lookEvery is how old a look at the files may be before the next use looks again.
const lookEvery = 200 * time.Millisecond

// Reloader composes with the files as they are now, for a developer who edits them; in production nothing about a mail may
// change between two starts, and a [Composer] does. It looks at the files when it is used and runs nothing of its own. It is
// safe for concurrent use.
//
// A look reads the files and compares what they hold. Names, sizes and times would cost less and miss an edit that keeps the
// size within one tick of the file system's clock, and a copy that keeps the time; the files are small and bounded, and
// reading a whole set takes about a millisecond, preparing it twenty. What was compared is what is then prepared, so that a
// file caught half written is a state like any other: the next look finds the rest of it.
type Reloader struct {
	config Config

	mu      sync.Mutex
	looked  time.Time // when the last look ended
	edition edition
}

// edition is what the files made at one look.
type edition struct {
	sum      [sha256.Size]byte
	composer *Composer // the last good one
	findings []Finding
}

// NewReloader prepares the first composer. The problems are those of [NewComposer]: a set that is broken at the start stops
// the start.
func NewReloader(c Config) (*Reloader, config.Problems) {
	r := &Reloader{config: c}
	if problems := r.look(); len(problems) > 0 {
		return nil, problems
	}
	return r, nil
}

// Compose makes the mail for one event, as [Composer.Compose] does.
func (r *Reloader) Compose(e *event.Event) (*Message, error) { return r.current().composer.Compose(e) }

// Composer is that of the files, or the last good one where the files cannot be used. It is the same one as long as nothing
// changes.
func (r *Reloader) Composer() *Composer { return r.current().composer }

// Findings are what [Lint] says about the files, and what the settings ask in vain of them: such findings have no file.
// Where one stops, mails are made with an earlier state of the files.
func (r *Reloader) Findings() []Finding { return slices.Clone(r.current().findings) }

// Version tells two states of the files apart and means nothing else. Where the files are again what they were, it is too.
func (r *Reloader) Version() string {
	sum := r.current().sum
	return hex.EncodeToString(sum[:8])
}

// current is the edition of the files. Who comes while another looks waits for that look and takes what it brought: a
// developer who has saved and clicks must not get the mail of before, and the wait is some 20 ms of Entra's two seconds.
// Nobody waits for a second look, because the time to the next one counts from the end of this one.
func (r *Reloader) current() edition {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.looked) >= lookEvery {
		_ = r.look() // the findings tell the problems
	}
	return r.edition
}

// look reads the files and prepares anew where they changed. The problems are what keeps the earlier composer in use. r.mu
// is held, or r is not yet anybody else's.
func (r *Reloader) look() config.Problems {
	defer func() { r.looked = time.Now() }()
	s := readSources(r.config)
	sum := s.sum()
	if sum == r.edition.sum {
		return nil
	}
	p := s.prepare(r.config)
	composer, problems := p.composer()
	if len(problems) == 0 {
		r.edition.composer = composer
	}
	r.edition.sum, r.edition.findings = sum, p.lint()
	for _, problem := range r.config.check(p.catalogues) { // the default language's catalogue may have gone
		r.edition.findings = append(r.edition.findings, Finding{Setting: problem.Setting, What: problem.What, Remedy: problem.Remedy, Stops: true})
	}
	return problems
}
