//go:build unix && !linux

package standin

import "syscall"

// endWithParent does nothing: only Linux offers it.
func endWithParent(*syscall.SysProcAttr) {}
