// Command byoe mails the one-time codes of Microsoft Entra External ID through the owner's own provider.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"

	"byoe/cli"
)

func main() {
	// net/http tells the standard logger what a server sent without being asked: a vendor's text, which may quote anything.
	log.SetOutput(io.Discard)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	err := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	code := cli.ExitCode(err)
	if code == cli.ExitFailed {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	return cli.Run(ctx, args, environ, stdout, stderr)
}
