// Package cli holds the commands, one file a command.
package cli

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// commands is the command line.
type commands struct {
	Serve  serveCommand  `cmd:"" default:"1" help:"Serve the webhook (the default)."`
	Dev    devCommand    `cmd:"" help:"Run a local tenant, a mailbox and the webhook, and send one sample code through all of it."`
	Send   sendCommand   `cmd:"" help:"Send one real mail through the configured providers."`
	Config configCommand `cmd:"" help:"Show every setting, its value and where it came from."`
	Doctor doctorCommand `cmd:"" help:"Say what is wrong and what to do about it."`
	Guests guestsCommand `cmd:"" help:"See to the codes by mail with which guests of a directory sign in."`
	Setup  setupCommand  `cmd:"" help:"Set up the Entra side: the app registration, the extension and the listener."`

	Templates templatesCommand `cmd:"" help:"Preview, check and export the templates, languages and brands of the mail."`
	Package   packageCommand   `cmd:"" help:"Make the zip that is deployed to a Function App, or check one."`
	Version   versionCommand   `cmd:"" help:"Say which byoe this is."`
	Notices   noticesCommand   `cmd:"" help:"Print the licences of everything that is in this program."`

	ShowVersion kong.VersionFlag `name:"version" help:"Say which byoe this is."`
}

// program is what a command works with in place of globals.
type program struct {
	ctx            context.Context //nolint:containedctx // a command's Run has no other way to get it
	environ        map[string]string
	stdout, stderr io.Writer
}

// Run runs one command line. environ has the form of [os.Environ]. It returns nil where the command did what it was asked
// to; see [ExitCode] for the rest.
func Run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	exited := false
	parser, err := kong.New(&commands{},
		kong.Name("byoe"),
		kong.Description("Mails the one-time codes of Microsoft Entra External ID through your own provider."),
		kong.Vars{"version": thisVersion()},
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { exited = true }),
		kong.UsageOnError(),
	)
	if err != nil {
		return err
	}
	command, err := parser.Parse(args)
	if exited { // --help was printed; what was parsed after it counts for nothing
		return nil
	}
	if err != nil {
		return err
	}
	p := &program{ctx: ctx, environ: environment(environ), stdout: stdout, stderr: stderr}
	if err := refusedInAzure(command.Command(), p.environ); err != nil {
		return err
	}
	return command.Run(p)
}

// environment makes a map of "NAME=value" lines.
func environment(lines []string) map[string]string {
	environ := make(map[string]string, len(lines))
	for _, line := range lines {
		name, value, _ := strings.Cut(line, "=")
		environ[name] = value
	}
	return environ
}

// The exit codes beside 0. The Functions host never restarts a handler that exited 0, counts every other code as an error
// and stops after three, except 200: that is a restart that somebody wanted, and nothing to complain of.
const (
	ExitFailed  = 1
	ExitRestart = 200
)

// errStoppedUnderHost says that a signal stopped the webhook although the Functions host still wants it.
var errStoppedUnderHost = errors.New("stopped by a signal; the Functions host starts a new process")

// ExitCode is the process's exit code for an error of [Run]: 0 only where the command ended as a person wanted.
func ExitCode(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errStoppedUnderHost):
		return ExitRestart
	default:
		return ExitFailed
	}
}
