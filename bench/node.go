package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"byoe/bench/process"
)

// measureNode lets byoe and two webhooks that do the same under Node answer as fast as they can, by turns, through the same
// mail server. They check the same token with jose and keep their connections to the server (nodemailer's pool), as the
// published ones do not: it is the best that Node does, not what is found.
func (b *bench) measureNode() error {
	node, _ := exec.LookPath("node") // "" where there is none
	if node == "" || b.options.node == "" {
		b.sayf("left out: there is no node, or -node (BYOE_NODE_MODULES) names no folder; npm ci --prefix bench/node makes one\n")
		return nil
	}
	if err := b.providers.SetDelay(0); err != nil {
		return err
	}
	file, err := b.besideModules("webhook.mjs")
	if err != nil {
		return err
	}
	t := table{Head: []string{"program", "calls/s", "CPU/call", "RSS", "turns"}}
	best := 0.0
	var results []peerResult
	for _, name := range []string{"byoe", "fastify", "express"} {
		r, err := b.measurePeer(name, node, file)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		results = append(results, r)
		t.row(name, number(r.perSecond), us(r.perCall), mb(r.rss), fmt.Sprint(r.turns))
		if name != "byoe" {
			best = max(best, r.perSecond)
		}
	}
	b.reach(goal{What: "throughput against the best of Node, the same mail server", Got: results[0].perSecond / best, Reach: 2.2, Unit: "x", AtLeast: true})
	return b.show(t)
}

// peerResult is a program's best turn.
type peerResult struct {
	perSecond float64
	perCall   time.Duration
	rss       int64
	turns     []int
}

// measurePeer takes the best of several turns: each of them has a machine's hiccups against it, and none for it.
func (b *bench) measurePeer(name, node, file string) (peerResult, error) {
	p, err := b.peer(name, node, file)
	if err != nil {
		return peerResult{}, err
	}
	for range 3 { // a compiler that works while it runs needs calls
		if err := p.warm(); err != nil {
			return peerResult{}, err
		}
	}
	var best peerResult
	for range choose(b, 4, 2) {
		const connections = 16
		trial, err := p.saturated(connections, choose(b, 4000, 2000))
		if err != nil {
			return peerResult{}, err
		}
		best.turns = append(best.turns, int(trial.PerSecond()))
		if trial.PerSecond() > best.perSecond {
			best.perSecond, best.perCall, best.rss = trial.PerSecond(), trial.perCall(), trial.RSS
		}
	}
	return best, p.end()
}

func (b *bench) peer(name, node, file string) (*program, error) {
	if name == "byoe" {
		return b.start(b.smtp(b.providers.SMTP)...)
	}
	environ := append(b.tenant.Settings(), "SMTP="+b.providers.SMTP, "NODE_ENV=production")
	p, err := process.Start(b.ctx, environ, b.stderr, node, file, name)
	if err != nil {
		return nil, err
	}
	return b.listening(p, listeningLine)
}

// besideModules copies a script to where Node finds its packages: beside node_modules.
func (b *bench) besideModules(name string) (file string, err error) {
	source, err := os.ReadFile(filepath.Join("bench", "node", name))
	if err != nil {
		return "", fmt.Errorf("bench is to be run in the folder of go.mod: %w", err)
	}
	modules, err := filepath.Abs(b.options.node)
	if err != nil {
		return "", err
	}
	file = filepath.Join(b.scratch, name)
	if err := os.WriteFile(file, source, 0o600); err != nil {
		return "", err
	}
	return file, os.Symlink(modules, filepath.Join(b.scratch, "node_modules"))
}
