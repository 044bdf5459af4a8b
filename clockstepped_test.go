//go:build clockstep

package main

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// step sets the wall clock this far from the truth until the test ends.
func step(t *testing.T, by time.Duration) {
	t.Helper()
	time.Step = int64(by / time.Second)
	t.Cleanup(func() { time.Step = 0 })
}

var jumps = map[string]time.Duration{"forward": 30 * time.Hour, "back": -30 * time.Hour}

func TestClockSteppedTokens(t *testing.T) {
	tenant := startTenant(t)
	p := serve(t, environ(tenant))
	genuine := token(t, tenant)
	n := 0
	call := func() int {
		n++
		body, _ := eventFor(t, n)
		status, _ := post(t, p.url, genuine, body)
		return status
	}
	if status := call(); status != http.StatusOK {
		t.Fatalf("before: %d", status)
	}
	for name, check := range map[string]string{"forward": `"check":"exp"`, "back": `"check":"nbf"`} {
		step(t, jumps[name])
		if status := call(); status != http.StatusUnauthorized || !strings.Contains(p.stderr.String(), check) {
			t.Errorf("%s: %d %s", name, status, p.stderr.String())
		}
		if status, _ := get(t, p.url+"/api/Health"); status != http.StatusOK { // the keys' age is no matter of the wall clock
			t.Errorf("%s: health %d", name, status)
		}
		step(t, 0)
		if status := call(); status != http.StatusOK {
			t.Errorf("%s, and then the truth: %d", name, status)
		}
	}
	for _, within := range []time.Duration{20 * time.Second, -20 * time.Second} { // the leeway is 30 s
		step(t, within)
		if status := call(); status != http.StatusOK {
			t.Errorf("wrong by %v: %d", within, status)
		}
	}
}

func TestClockSteppedMidFlight(t *testing.T) {
	for name, by := range jumps {
		tenant := startTenant(t)
		p := serve(t, environ(tenant))
		bearer := token(t, tenant)
		if err := tenant.Mailbox().SetFault("smtp", "hang", 0); err != nil {
			t.Fatal(err)
		}
		body, _ := eventFor(t, 1)
		jump := time.AfterFunc(300*time.Millisecond, func() { time.Step = int64(by / time.Second) })
		start := time.Now()
		status, got := post(t, p.url, bearer, body)
		took := time.Since(start)
		jump.Stop()
		time.Step = 0
		if status != http.StatusGatewayTimeout || took < 2400*time.Millisecond || took > 3500*time.Millisecond {
			t.Errorf("%s: %d %s after %v, want 504 after the hold of 2.5 s", name, status, got, took)
		}
	}
}

func TestClockSteppedClaims(t *testing.T) {
	for name, by := range jumps {
		tenant := startTenant(t)
		p := serve(t, environ(tenant))
		body, code := eventFor(t, 1)
		if status, _ := post(t, p.url, token(t, tenant), body); status != http.StatusOK {
			t.Fatalf("%d", status)
		}
		step(t, by)
		if status, _ := post(t, p.url, token(t, tenant), body); status != http.StatusOK { // the tenant's clock has jumped too
			t.Errorf("%s: %d %s", name, status, p.stderr.String())
		}
		if sent := count(tenant.Mailbox().Mails(), code); sent != 1 {
			t.Errorf("%s: %d mails", name, sent)
		}
		step(t, 0)
	}
}

func TestClockSteppedBreaker(t *testing.T) {
	tenant := startTenant(t)
	p := serve(t, environ(tenant, "MAIL_PROVIDERS=smtp,sendgrid", "DELIVERY_ROTATE_ON_RESEND=false"))
	n := 0
	call := func(want string) {
		t.Helper()
		n++
		p.stdout.reset()
		body, _ := eventFor(t, n)
		if status, _ := post(t, p.url, token(t, tenant), body); status != http.StatusOK {
			t.Fatalf("%d", status)
		}
		time.Sleep(50 * time.Millisecond) // the line follows the answer
		if !strings.Contains(p.stdout.String(), want) {
			t.Errorf("%q is not in %s", want, p.stdout.String())
		}
	}
	if err := tenant.Mailbox().SetFault("smtp", "refuse", 3); err != nil {
		t.Fatal(err)
	}
	rests := time.Now()
	for range 3 {
		call("554 5.7.1")
	}
	for _, by := range jumps {
		step(t, by)
		call("resting")
	}
	step(t, jumps["back"])
	time.Sleep(11*time.Second - time.Since(rests))
	call(`"smtp":{"provider":"smtp"`)
	if strings.Contains(p.stdout.String(), "resting") {
		t.Errorf("it rests for longer than its ten seconds: %s", p.stdout.String())
	}
}

func TestClockSteppedMail(t *testing.T) {
	tenant := startTenant(t)
	p := serve(t, environ(tenant))
	for name, by := range jumps {
		step(t, by)
		body, code := eventFor(t, len(name))
		if status, _ := post(t, p.url, token(t, tenant), body); status != http.StatusOK {
			t.Fatalf("%s: %d %s", name, status, p.stderr.String())
		}
		date, err := http.ParseTime(strings.Replace(waitForMail(t, tenant, code).Header("Date"), "+0000", "GMT", 1))
		if err != nil || time.Since(date).Abs() > time.Minute {
			t.Errorf("%s: the mail's date is %v, %v, which is not the clock's", name, date, err)
		}
		step(t, 0)
	}
}
