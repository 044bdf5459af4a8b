package standin

import "syscall"

// endWithParent has the kernel kill the handler when the test's process ends without having closed the host: by a panic,
// by the time limit of go test, or by Ctrl-C, which the handler's own process group does not get.
func endWithParent(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGKILL }
