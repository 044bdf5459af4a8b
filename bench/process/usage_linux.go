package process

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// usageOf reads the CPU time from the process's own clock, which counts nanoseconds. /proc/<pid>/stat has hundredths of a
// second, too few for a run of some seconds.
func usageOf(pid int) (Usage, error) {
	const scheduler = 2 // CPUCLOCK_SCHED
	clock := int32(^pid<<3 | scheduler)
	var used unix.Timespec
	if err := unix.ClockGettime(clock, &used); err != nil {
		return Usage{}, fmt.Errorf("the CPU clock of process %d: %w", pid, err)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return Usage{}, err
	}
	u := Usage{CPU: time.Duration(used.Nano())}
	u.RSS, u.PeakRSS, err = memory(status)
	return u, err
}

// memory finds VmRSS and VmHWM in /proc/<pid>/status (proc_pid_status(5)).
func memory(status []byte) (rss, peak int64, err error) {
	lines := bufio.NewScanner(bytes.NewReader(status))
	for lines.Scan() {
		name, value, _ := bytes.Cut(lines.Bytes(), []byte(":"))
		var to *int64
		switch string(name) {
		case "VmRSS":
			to = &rss
		case "VmHWM":
			to = &peak
		default:
			continue
		}
		kilobytes, err := strconv.ParseInt(string(bytes.TrimSuffix(bytes.TrimSpace(value), []byte(" kB"))), 10, 64)
		if err != nil {
			return 0, 0, fmt.Errorf("%s of the process is not to be read: %w", name, err)
		}
		*to = kilobytes << 10
	}
	if rss == 0 || peak == 0 {
		return 0, 0, fmt.Errorf("the process has ended")
	}
	return rss, peak, nil
}
