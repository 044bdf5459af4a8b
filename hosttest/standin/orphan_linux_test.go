package standin_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"byoe/hosttest/probe"
	"byoe/hosttest/standin"
)

// parentVariable makes this test's program start again as a test that is about to be killed, with the app's folder for
// a value.
const parentVariable = "STANDIN_TEST_PARENT"

func TestAKilledTestLeavesNoHandlerBehind(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv(parentVariable); dir != "" {
		beKilled(t, dir)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	parent := exec.CommandContext(t.Context(), program, "-test.run=^TestAKilledTestLeavesNoHandlerBehind$")
	parent.Env = append(os.Environ(), parentVariable+"="+app(t, nil))
	output, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	handler := strings.TrimSpace(line)
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // it was killed
	await(t, "the handler's end", func() bool { return !listens(t, handler) })
}

// beKilled starts a host, tells its handler's address and waits.
func beKilled(t *testing.T, dir string) {
	t.Helper()
	host, err := standin.Start(t.Context(), standin.Options{
		AppDir: dir, Environ: append(os.Environ(), probe.Variable+"=serve"),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(host.Close)
	if status, _ := post(t, host, "/api/otp"); status != 200 {
		t.Fatalf("status %d", status)
	}
	fmt.Println(strings.TrimPrefix(host.HandlerURL(), "http://"))
	time.Sleep(time.Minute)
}
