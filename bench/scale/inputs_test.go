package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"byoe/app"
)

// TestInputsAreTheProducts: what the simulation takes for byoe's own times are the defaults, and constants that delivery
// keeps to itself; those are looked for in its source.
func TestInputsAreTheProducts(t *testing.T) {
	t.Parallel()
	in := builtIn(t).Delivery
	settings, _, _ := app.Load(nil)
	if millis(in.Budget) != settings.Delivery.Budget || millis(in.Hold) != settings.Delivery.Hold {
		t.Errorf("budget and hold are %v and %v", settings.Delivery.Budget, settings.Delivery.Hold)
	}
	source := ""
	for _, file := range []string{"claim.go", "flight.go", "claims/tables/run.go"} {
		text, err := os.ReadFile("../../delivery/" + file)
		if err != nil {
			t.Fatal(err)
		}
		source += string(text)
	}
	for want, ok := range map[string]bool{
		`lease = time\.Second\n`:                in.Renew == 333,
		`time\.AfterFunc\(lease/3, `:            in.Renew == 333,
		`lookEvery = 50 \* time\.Millisecond\n`: millis(in.Look) == 50*time.Millisecond,
		`flightMost = 5 \* time\.Second\n`:      millis(in.Most) == 5*time.Second,
		`sweepPages = 64\n`:                     in.SweepPages == 64,
		`sweepEvery = 2 \* time\.Minute\n`:      in.SweepEvery == 120,
		`maxFlights = 512\n`:                    in.Flights == 512,
	} {
		if !ok || !regexp.MustCompile(want).MatchString(source) {
			t.Errorf("measured.json and delivery differ at %s", want)
		}
	}
}

func TestInputsThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	good := string(measured)
	for name, text := range map[string]string{
		"empty":              "{}",
		"no JSON":            "measured",
		"an unknown name":    strings.Replace(good, `"budgetMillis"`, `"budget"`, 1),
		"no provider":        regexp.MustCompile(`(?s)"providers": \[.*?\],`).ReplaceAllString(good, ""),
		"nobody comes":       strings.Replace(good, `"signInsPerSecond": 1,`, `"signInsPerSecond": 0,`, 1),
		"nothing is watched": strings.Replace(good, `"seconds": 36000`, `"seconds": 0`, 1),
	} {
		if _, err := readInputs([]byte(text)); err == nil {
			t.Errorf("%s: passes", name)
		}
	}
}

// TestPageSaysWhatTheProgramPrints holds docs/scaling.md to the program.
func TestPageSaysWhatTheProgramPrints(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a whole run is long")
	}
	var printed, errors bytes.Buffer
	if err := run(nil, &printed, &errors); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../docs/scaling.md")
	if err != nil {
		t.Fatal(err)
	}
	for block := range strings.SplitSeq(printed.String(), "\n\n") {
		if strings.HasPrefix(block, "|") && !strings.Contains(string(text), strings.TrimSpace(block)) {
			t.Errorf("docs/scaling.md has not what go run ./bench/scale prints:\n%s", block)
		}
	}
	if n := strings.Count(printed.String(), "\n|---"); n != 5 {
		t.Errorf("%d tables are printed", n)
	}
}

func TestRunTakesAFile(t *testing.T) {
	t.Parallel()
	file := t.TempDir() + "/inputs.json"
	scenarios := regexp.MustCompile(`(?s)"scenarios": \[.*\]`)
	one := []byte(`"scenarios": [{"signInsPerSecond": 7, "alwaysReady": 1, "instanceMemoryMB": 512, "cores": 1, "concurrency": 8, "seconds": 9}]`)
	if err := os.WriteFile(file, scenarios.ReplaceAll(measured, one), 0o600); err != nil {
		t.Fatal(err)
	}
	var printed, errors bytes.Buffer
	if err := run([]string{"-in", file}, &printed, &errors); err != nil || !strings.Contains(printed.String(), "\n| 7 | 1 | 512 |") {
		t.Errorf("%v\n%s", err, &printed)
	}
	for _, args := range [][]string{{"-in", file + "x"}, {"-x"}} {
		if err := run(args, &printed, &errors); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}
