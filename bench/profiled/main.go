// Command profiled is byoe with a profiler: it writes where the processor's time and the memory went while it ran. The
// executable that is deployed has no profiler, because a door to its memory is a door to the codes.
//
//	BYOE_PROFILES=<folder> profiled serve
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"syscall"

	"byoe/cli"
)

func main() {
	log.SetOutput(io.Discard) // as in byoe's own main
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) (err error) {
	folder := os.Getenv("BYOE_PROFILES")
	cpu, err := os.Create(filepath.Join(folder, "cpu.pprof"))
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return errors.Join(err, cpu.Close())
	}
	err = cli.Run(ctx, args, environ, stdout, stderr)
	pprof.StopCPUProfile()
	return errors.Join(err, cpu.Close(), keepAllocations(folder))
}

// keepAllocations writes what was allocated since the start.
func keepAllocations(folder string) error {
	file, err := os.Create(filepath.Join(folder, "allocs.pprof"))
	if err != nil {
		return err
	}
	return errors.Join(pprof.Lookup("allocs").WriteTo(file, 0), file.Close())
}
