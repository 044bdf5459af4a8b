//go:build unix

package standin

import (
	"io/fs"
	"os"
	"os/exec"
	"syscall"
)

func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	endWithParent(cmd.SysProcAttr)
}

func killGroup(leader *os.Process) error { return syscall.Kill(-leader.Pid, syscall.SIGKILL) }

func interruptGroup(pid int) error { return syscall.Kill(-pid, syscall.SIGINT) }

// exitCode counts a signal as a shell does: 137 for SIGKILL.
func exitCode(state *os.ProcessState) int {
	if status, isUnix := state.Sys().(syscall.WaitStatus); isUnix && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}

func executableFile(info fs.FileInfo) bool {
	return info.Mode().IsRegular() && info.Mode().Perm()&0o111 == 0o111
}
