package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// limitMemory puts the process under a hard limit in bytes: whoever goes beyond it is killed.
func limitMemory(t *testing.T, p *process, bytes int) {
	t.Helper()
	for root, file := range map[string]string{"/sys/fs/cgroup/memory": "memory.limit_in_bytes", "/sys/fs/cgroup": "memory.max"} {
		if _, err := os.Stat(filepath.Join(root, "cgroup.procs")); err != nil {
			continue
		}
		group := filepath.Join(root, "byoe-test-"+strconv.Itoa(p.command.Process.Pid))
		if err := os.Mkdir(group, 0o755); err != nil {
			continue
		}
		t.Cleanup(func() { _ = p.stop(); _ = os.Remove(group) })
		limited := os.WriteFile(filepath.Join(group, file), []byte(strconv.Itoa(bytes)), 0o600)
		if moved := os.WriteFile(filepath.Join(group, "cgroup.procs"), []byte(strconv.Itoa(p.command.Process.Pid)), 0o600); limited == nil && moved == nil {
			return
		}
	}
	t.Skip("needs a control group for memory that may be written, as root has on Linux")
}

// A container of 64 MiB is enough, also while somebody wants it not to be.
func TestSmallContainer(t *testing.T) {
	if testing.Short() {
		t.Skip("memory is measured without the race detector")
	}
	tenant := startTenant(t)
	bearer := token(t, tenant)
	p := startProcess(t, environ(tenant, "GOMEMLIMIT=48MiB"))
	limitMemory(t, p, 64<<20)
	var running sync.WaitGroup
	for n := range 40 {
		running.Go(func() {
			sendHuge(t, &p.program, "/api/EmailOtpSend", "Bearer "+bearer, &endless{100 << 20}, -1)
			conns := connect(t, &p.program, 5, "GET / HTTP/1.1\r\nX: "+strings.Repeat("y", 30<<10))
			served(t, &p.program, bearer, 100*n, 5)
			hangUp(conns)
		})
	}
	running.Wait()
	served(t, &p.program, bearer, 10_000, 5)
	t.Logf("memory was %d MiB at most", p.kilobytes(t, "VmHWM")>>10)
}
