package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"byoe/deployment"
	"byoe/devtenant"
	"byoe/devtenant/mailbox"
	"byoe/internal/require"
)

// image is what the last stage of the Dockerfile makes.
type image struct {
	copies     map[string]string // target: source
	environ    []string
	user       int
	entrypoint []string
	port       string
}

// readImage reads the last stage. An instruction that it does not know fails the test, which would otherwise look at another
// image than the one that is built.
func readImage(t *testing.T) image {
	t.Helper()
	content, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	stages := regexp.MustCompile(`(?m)^FROM `).Split(string(content), -1)
	lines := strings.Split(strings.TrimSpace(stages[len(stages)-1]), "\n")
	if lines[0] != "scratch" {
		t.Fatalf("the image is made from %s: what that brings is not known here", lines[0])
	}
	i := image{copies: map[string]string{}}
	for _, line := range lines[1:] {
		instruction, rest, _ := strings.Cut(line, " ")
		words := strings.Fields(rest)
		switch {
		case instruction == "COPY" && len(words) == 3 && words[0] == "--from=build":
			i.copies[words[2]] = words[1]
		case instruction == "ENV":
			i.environ = append(i.environ, words...)
		case instruction == "USER":
			if _, err := fmt.Sscanf(rest, "%d:%d", &i.user, &i.user); err != nil || i.user == 0 {
				t.Fatalf("USER %s: want a number that is not root's", rest)
			}
		case instruction == "EXPOSE":
			i.port = rest
		case instruction == "ENTRYPOINT":
			if err := json.Unmarshal([]byte(rest), &i.entrypoint); err != nil {
				t.Fatal(err)
			}
		case instruction != "#":
			t.Fatalf("not understood: %s", line)
		}
	}
	return i
}

// layOut puts the image's files below a folder, with empty ones for what every container runtime mounts.
func (i image) layOut(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	mustNot(t, os.Chmod(filepath.Dir(root), 0o755)) // the image's user is another than the test's
	for _, dir := range []string{"proc", "dev"} {
		mustNot(t, os.Mkdir(filepath.Join(root, dir), 0o755))
	}
	for target, source := range i.copies {
		var content []byte
		var err error
		mode := os.FileMode(0o644)
		if source == "/out/byoe" {
			mode = 0o755
			content, err = deployment.Build(t.Context(), ".", runtime.GOARCH, os.Environ())
		} else {
			content, err = os.ReadFile(source)
		}
		mustNot(t, err)
		name := filepath.Join(root, target)
		mustNot(t, os.MkdirAll(filepath.Dir(name), 0o755))
		mustNot(t, os.WriteFile(name, content, 0o600))
		mustNot(t, os.Chmod(name, mode)) // WriteFile is subject to the umask
	}
	return root
}

func mustNot(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// container is a program that runs on the image's files, as the image's user, in namespaces of its own.
type container struct {
	command *exec.Cmd
	url     string
	pid     int
	output  output
	ended   chan error
}

// start runs the image with settings beside its own. What a container runtime does is done by bubblewrap: the image's files
// are the root, which is read-only, no capabilities, no way to get any. The network is the machine's, where the tenant is.
func (i image) start(t *testing.T, settings []string) *container {
	t.Helper()
	//nolint:noctx // ended by a signal to what runs inside, not by a context
	command := exec.Command("bwrap", append([]string{
		"--unshare-user", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--die-with-parent", "--new-session",
		"--cap-drop", "ALL", "--uid", strconv.Itoa(i.user), "--gid", strconv.Itoa(i.user), "--info-fd", "3",
		"--ro-bind", i.layOut(t), "/", "--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev", "--chdir", "/",
	}, i.entrypoint...)...)
	command.Env = slices.Concat(i.environ, settings)
	command.SysProcAttr = becoming(i.user)
	c := &container{command: command, ended: make(chan error, 1)}
	command.Stdout, command.Stderr = &c.output, &c.output
	told, tell, err := os.Pipe()
	mustNot(t, err)
	command.ExtraFiles = []*os.File{tell}
	mustNot(t, command.Start())
	_ = tell.Close() // the other side has it
	var info struct {
		ChildPID int `json:"child-pid"`
	}
	err = json.NewDecoder(bufio.NewReader(told)).Decode(&info)
	_ = told.Close()
	c.pid = info.ChildPID
	go func() { c.ended <- command.Wait() }()
	t.Cleanup(func() {
		_ = syscall.Kill(c.pid, syscall.SIGKILL)
		_ = command.Process.Kill()
		if t.Failed() {
			t.Log(c.output.String())
		}
	})
	if err != nil {
		t.Fatalf("bwrap tells no process: %v\n%s", err, c.output.String())
	}
	return c
}

// becoming makes root be the user before anything else: in a namespace alone the files' owner would be the image's user, who
// may then write.
func becoming(user int) *syscall.SysProcAttr {
	if os.Getuid() != 0 {
		return nil
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(user), Gid: uint32(user)}}
}

// await waits until it answers on its address.
func (c *container) await(t *testing.T, port string) {
	t.Helper()
	c.url = "http://127.0.0.1:" + port
	for range 500 {
		select {
		case err := <-c.ended:
			t.Fatalf("it ended at once: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
		if conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", "127.0.0.1:"+port); err == nil {
			_ = conn.Close()
			return
		}
	}
	t.Fatal("it does not listen")
}

func (c *container) status(t *testing.T, field string) string {
	t.Helper()
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.pid))
	mustNot(t, err)
	for line := range strings.Lines(string(content)) {
		if value, found := strings.CutPrefix(line, field+":\t"); found {
			return strings.TrimSpace(value)
		}
	}
	t.Fatalf("no %s", field)
	return ""
}

func requireBubblewrap(t *testing.T, user int) {
	t.Helper()
	require.Component(t, "bwrap", func() error {
		try := exec.CommandContext(t.Context(), "bwrap", "--unshare-user", "--ro-bind", "/", "/", "true")
		try.SysProcAttr = becoming(user)
		if output, err := try.CombinedOutput(); err != nil {
			return fmt.Errorf("install bubblewrap, and let users make namespaces: %w %s", err, output)
		}
		if _, err := os.Stat("/etc/ssl/certs/ca-certificates.crt"); err != nil {
			return errors.New("install ca-certificates")
		}
		return nil
	})
}

// The image has nothing but its own files to live on, may write nowhere and is nobody.
func TestTheImageServes(t *testing.T) {
	i := readImage(t)
	requireBubblewrap(t, i.user)
	tenant := startTenant(t)
	port := closedPort(t)
	lines := slices.DeleteFunc(environ(tenant, "MAIL_FROM=Contoso <no-reply@contoso.example>"), func(line string) bool { return line == "PORT=0" })
	c := i.start(t, append(lines, "PORT="+port))
	c.await(t, port)

	for field, want := range map[string]string{"NoNewPrivs": "1", "CapEff": "0000000000000000", "CapPrm": "0000000000000000"} {
		if got := c.status(t, field); got != want {
			t.Errorf("%s is %s, want %s", field, got, want)
		}
	}
	if uid := strings.Fields(c.status(t, "Uid")); slices.Contains(uid, "0") {
		t.Errorf("it runs as root: %v", uid)
	}
	assertReadOnly(t, c.pid)
	assertHealthy(t, c.url)
	assertMails(t, tenant, c.url)

	mustNot(t, syscall.Kill(c.pid, syscall.SIGTERM)) // as every container runtime stops one
	select {
	case err := <-c.ended:
		if err != nil {
			t.Errorf("stopped with %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("a signal does not stop it")
	}
}

// assertReadOnly looks at the mounts that the process sees: every one of files, but for what the kernel makes, is read-only.
func assertReadOnly(t *testing.T, pid int) {
	t.Helper()
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/mountinfo", pid))
	mustNot(t, err)
	roots := 0
	for line := range strings.Lines(string(content)) {
		fields := strings.Fields(line)
		if fields[4] != "/" {
			continue
		}
		roots++
		if !slices.Contains(strings.Split(fields[5], ","), "ro") {
			t.Errorf("the root can be written: %s", line)
		}
	}
	if roots == 0 {
		t.Error("no root is mounted")
	}
}

// assertHealthy waits until it is: the tenant's keys are fetched when it has begun to listen.
func assertHealthy(t *testing.T, url string) {
	t.Helper()
	for _, path := range []string{"/", "/api/Health"} {
		status := 0
		for range 100 {
			if status = statusOf(t, url+path); status == http.StatusOK {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		if status != http.StatusOK {
			t.Errorf("%s: status %d", path, status)
		}
	}
}

func statusOf(t *testing.T, url string) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	mustNot(t, err)
	res, err := http.DefaultClient.Do(req)
	mustNot(t, err)
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return res.StatusCode
}

// assertMails sends one code through it.
func assertMails(t *testing.T, tenant *devtenant.Tenant, url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	exchange, err := tenant.SendCode(ctx, url+"/api/EmailOtpSend", devtenant.SignIn{})
	mustNot(t, err)
	if !exchange.Accepted() {
		t.Fatalf("the webhook answered %d: %s", exchange.Last().Status, exchange.Last().Refusal)
	}
	code := exchange.Code.Reveal()
	if _, err := tenant.Mailbox().Wait(ctx, func(m mailbox.Mail) bool { return m.Code == code }); err != nil {
		t.Error("no mail came")
	}
}
