//go:build !unix

package app

import "math"

// descriptors is how many files and sockets this process may have open: Windows knows no such limit.
func descriptors() int { return math.MaxInt32 }
