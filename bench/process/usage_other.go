//go:build !linux

package process

import "errors"

// usageOf is for Linux only, where every number of docs/performance.md comes from.
func usageOf(int) (Usage, error) {
	return Usage{}, errors.New("CPU and memory of a process are read on Linux only")
}
