package main

import (
	"net/http"
	"os"
	"path/filepath"
)

// measureProfile is no measurement: it keeps profiles of byoe under a steady load in a folder, for `go tool pprof` and for
// default.pgo. It runs only where -only names it.
func (b *bench) measureProfile() error {
	if err := os.MkdirAll(b.options.profiles, 0o750); err != nil {
		return err
	}
	deployed := b.options.byoe
	defer func() { b.options.byoe = deployed }()
	b.options.byoe = filepath.Join(b.scratch, "profiled")
	if err := b.goBuild(b.options.byoe, "byoe/bench/profiled"); err != nil {
		return err
	}
	for _, w := range ways() {
		if w.delay > 0 {
			continue
		}
		folder := filepath.Join(b.options.profiles, w.name)
		if err := os.MkdirAll(folder, 0o750); err != nil {
			return err
		}
		p, err := b.start(append(w.settings(b), "BYOE_PROFILES="+folder)...)
		if err != nil {
			return err
		}
		const connections = 16
		if err := p.AsFastAsAnswered(b.ctx, connections, choose(b, 40_000, 10_000)).Good(http.StatusOK); err != nil {
			return err
		}
		if err := p.end(); err != nil {
			return err
		}
		b.sayf("%s\n", folder)
	}
	return nil
}
