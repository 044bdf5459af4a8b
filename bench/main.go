// Command bench measures byoe on this machine against the numbers that it is to reach, and prints one table.
//
//	go run ./bench           all sections, some five minutes
//	go run ./bench -short    the same with less of everything, about a minute: for looking, not for keeping
//	go run ./bench -only load,limit
//
// byoe is the real executable in a process of its own, the providers are a second process, and the calls come from this
// one. All three share the machine; docs/performance.md says what that means for each number.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"byoe/bench/standin"
)

// asProviders is the one argument that makes this program be the providers.
const asProviders = "serve-providers"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// options are the command's flags.
type options struct {
	short    bool
	only     []string
	record   string
	page     string
	byoe     string
	node     string
	profiles string
}

func run(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) error {
	if slices.Equal(args, []string{asProviders}) {
		return standin.ServeOrders(ctx, stdin, stdout)
	}
	o, err := parse(args, environ, stderr)
	if err != nil {
		return err
	}
	began := time.Now()
	b, err := prepare(ctx, o, stdout, stderr)
	if err != nil {
		return err
	}
	err = b.measure()
	err = errors.Join(err, b.stop())
	b.sayf("\n%v in all\n", time.Since(began).Round(time.Second))
	if err != nil { // half a run is not kept
		return err
	}
	return b.record.keep(o)
}

func parse(args, environ []string, stderr io.Writer) (options, error) {
	var o options
	var only string
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.BoolVar(&o.short, "short", false, "less of everything, about a minute")
	flags.StringVar(&only, "only", "", "sections, comma-separated, out of "+strings.Join(sectionNames(), ", "))
	flags.StringVar(&o.record, "json", "", "also write the record to this file")
	flags.StringVar(&o.page, "page", "", "also put the numbers into this page: docs/performance.md")
	flags.StringVar(&o.byoe, "byoe", "", "executable to measure; built from this tree where empty")
	flags.StringVar(&o.node, "node", lookup(environ, "BYOE_NODE_MODULES"), "node_modules folder with the packages of bench/node; default BYOE_NODE_MODULES")
	flags.StringVar(&o.profiles, "profiles", "profiles", "folder for the section profile, which runs only where -only names it")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if only != "" {
		o.only = strings.Split(only, ",")
	}
	if o.page != "" && (o.short || only != "") {
		return o, errors.New("a page gets the numbers of a whole run: leave out -short and -only")
	}
	for _, name := range o.only {
		if !slices.Contains(sectionNames(), name) {
			return o, fmt.Errorf("there is no section %q; give some of %s", name, strings.Join(sectionNames(), ", "))
		}
	}
	return o, nil
}

// lookup finds a variable in an environment.
func lookup(environ []string, name string) string {
	for _, line := range environ {
		if value, found := strings.CutPrefix(line, name+"="); found {
			return value
		}
	}
	return ""
}
