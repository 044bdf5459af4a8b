//go:build windows

package standin

import (
	"io/fs"
	"os"
	"os/exec"
	"syscall"
)

func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

func killGroup(leader *os.Process) error { return leader.Kill() }

// interruptGroup does nothing: a console event would reach this process as well.
func interruptGroup(int) error { return nil }

func exitCode(state *os.ProcessState) int { return state.ExitCode() }

func executableFile(info fs.FileInfo) bool { return info.Mode().IsRegular() }
