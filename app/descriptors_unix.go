//go:build unix

package app

import (
	"math"
	"syscall"
)

// descriptors is how many files and sockets this process may have open. (Go has raised the soft limit to the hard one.)
func descriptors() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return math.MaxInt32
	}
	return int(min(uint64(limit.Cur), math.MaxInt32)) //nolint:unconvert // the field is signed on some systems
}
