// Command scale simulates what 1, 100 and 1,000 sign-ins a second are for byoe on Azure Functions, and prints the tables of
// docs/scaling.md. Its inputs are measured figures and published limits and prices, in measured.json.
//
// It is a simulation of discrete events: people come by chance, Entra calls, waits and calls once more, the platform has so
// many slots on so many instances and adds some when they are full, the processor of each computes one call after the other,
// and providers take a time that is drawn. The dice are the same each time.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"io"
	"os"
)

//go:embed measured.json
var measured []byte

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
}

// run prints the tables for the built-in inputs, or for those of a file.
func run(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("scale", flag.ContinueOnError)
	flags.SetOutput(stderr)
	file := flags.String("in", "", "file with other inputs than the built-in measured.json")
	if err := flags.Parse(args); err != nil {
		return err
	}
	text := measured
	if *file != "" {
		var err error
		if text, err = os.ReadFile(*file); err != nil {
			return err
		}
	}
	in, err := readInputs(text)
	if err != nil {
		return err
	}
	return report(in, stdout)
}
