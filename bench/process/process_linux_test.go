package process

import (
	"bytes"
	"context"
	"io"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// asProgram makes the test binary be a program that works for a while, and says so.
const asProgram = "BENCH_TEST_AS_PROGRAM"

const worksFor = 200 * time.Millisecond

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		work()
		return
	}
	goleak.VerifyTestMain(m)
}

// work is done at each line of input.
func work() {
	_, _ = os.Stdout.WriteString("not this line\nready\n")
	line := make([]byte, 1)
	for {
		if _, err := os.Stdin.Read(line); err != nil {
			return
		}
		var used Usage
		for start, _ := usageOf(os.Getpid()); used.CPU-start.CPU < worksFor; used, _ = usageOf(os.Getpid()) {
		}
		_, _ = os.Stdout.WriteString("done\n")
	}
}

func startSelf(t *testing.T) (p *Process, stdin io.WriteCloser, stdout io.Reader) {
	t.Helper()
	p, stdin, stdout, err := StartWithPipes(t.Context(), []string{asProgram + "=1"}, t.Output(), os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	return p, stdin, stdout
}

func expect(t *testing.T, from io.Reader, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(from, got); err != nil || string(got) != want {
		t.Fatalf("heard %q, %v; want %q", got, err, want)
	}
}

// The difference of two looks is what was done between them, whatever the process did before.
func TestUsageIsThatBetweenTwoLooks(t *testing.T) {
	t.Parallel()
	p, stdin, stdout := startSelf(t)
	expect(t, stdout, "not this line\nready\n")
	before, err := p.Usage()
	if err != nil {
		t.Fatal(err)
	}
	_, _ = stdin.Write([]byte("."))
	expect(t, stdout, "done\n")
	after, err := p.Usage()
	if err != nil {
		t.Fatal(err)
	}
	used := after.Sub(before)
	if used.CPU < worksFor || used.CPU > 3*worksFor/2 {
		t.Errorf("%v of the processor for %v of work", used.CPU, worksFor)
	}
	if used.RSS < 1<<20 || used.PeakRSS < used.RSS {
		t.Errorf("%d bytes now and %d at most", used.RSS, used.PeakRSS)
	}
	if got := used.PerCall(4); got != used.CPU/4 {
		t.Errorf("%v a call", got)
	}
	if got := used.PerCall(0); got != 0 {
		t.Errorf("%v for each of no calls", got)
	}
}

func TestWaitForReadsOn(t *testing.T) {
	t.Parallel()
	p, err := Start(t.Context(), []string{asProgram + "=1"}, t.Output(), os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := p.WaitFor(func(line []byte) bool { return string(line) == "ready" }); err != nil {
		t.Error(err)
	}
	if took := time.Since(p.Began()); took <= 0 || took > time.Minute {
		t.Errorf("it began %v ago", took)
	}
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
	if _, err := p.Usage(); err == nil {
		t.Error("what has ended has a memory")
	}
}

func TestAProgramThatSaysNothingIsTold(t *testing.T) {
	t.Parallel()
	p, err := Start(t.Context(), nil, t.Output(), "/bin/true")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.WaitFor(func([]byte) bool { return true }); err == nil {
		t.Error("nothing was taken for a line")
	}
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
	if _, err := Start(context.Background(), nil, t.Output(), "/no/such/program"); err == nil {
		t.Error("what is not there was started")
	}
}

func TestMemoryIsReadFromItsLines(t *testing.T) {
	t.Parallel()
	rss, peak, err := memory([]byte("Name:\tbyoe\nVmHWM:\t   30000 kB\nVmRSS:\t   20000 kB\n"))
	if err != nil || rss != 20000<<10 || peak != 30000<<10 {
		t.Errorf("%d, %d, %v", rss, peak, err)
	}
	for _, bad := range []string{"", "VmRSS:\t20000 kB\n", "VmHWM:\tmuch kB\nVmRSS:\t20000 kB\n"} {
		if _, _, err := memory([]byte(bad)); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestFirstWords(t *testing.T) {
	t.Parallel()
	var heard bytes.Buffer
	w := FirstWords(&heard, 5)
	for _, said := range []string{"abc", "defg", "hij"} {
		if n, err := w.Write([]byte(said)); n != len(said) || err != nil {
			t.Errorf("%q: %d, %v", said, n, err)
		}
	}
	if got := heard.String(); got != "abcde" {
		t.Errorf("heard %q", got)
	}
}
