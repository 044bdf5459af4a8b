// Package probe is a custom handler that does what a test asks of it and tells what it saw: the handler with which the
// stand-in and the real Functions host are compared. A test binary becomes the probe when it is started again under
// another name with [Variable] set, so that no second program has to be built.
package probe

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// Variable makes a program that calls [Main] the probe. Its value says how the probe starts: "serve", "late" (listens
// after [Late]), "deaf" (never listens), "rude" (hangs up on everyone), "parent" (has a child that would outlive it), or
// an exit code.
const Variable = "HOSTTEST_PROBE"

// ChildPort names the variable with the port on which the child of a "parent" serves.
const ChildPort = "HOSTTEST_PROBE_CHILD_PORT"

// Late is how long a late probe waits before it listens.
const Late = 600 * time.Millisecond

// Hang is how long do=hang takes when nobody cancels it.
const Hang = 3 * time.Second

// Seen is a request as the probe saw it.
type Seen struct {
	PID              int
	Args             []string
	Dir              string
	Method           string
	URI              string
	Host             string
	ContentLength    int64
	TransferEncoding []string
	Header           http.Header
	Body             string
	Env              map[string]string `json:",omitempty"`
}

// Main runs the probe and exits if [Variable] is set. It belongs at the start of TestMain.
func Main() {
	start := os.Getenv(Variable)
	switch start {
	case "":
		return
	case "deaf":
		time.Sleep(time.Hour)
	case "late":
		time.Sleep(Late)
	case "rude":
		hangUp()
	case "parent":
		bearChild()
	case "serve":
	default:
		code, _ := strconv.Atoi(start)
		fmt.Fprint(os.Stderr, "probe: will not start") // a last line without an end
		os.Exit(code)
	}
	fmt.Println("probe: started")
	server := &http.Server{
		Addr:              "127.0.0.1:" + os.Getenv("FUNCTIONS_CUSTOMHANDLER_PORT"),
		Handler:           http.HandlerFunc(serve),
		ReadHeaderTimeout: 10 * time.Second,
	}
	fmt.Fprintln(os.Stderr, "probe:", server.ListenAndServe())
	os.Exit(1)
}

// hangUp takes connections and closes them.
func hangUp() {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp4",
		"127.0.0.1:"+os.Getenv("FUNCTIONS_CUSTOMHANDLER_PORT"))
	if err != nil {
		os.Exit(1)
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			os.Exit(1)
		}
		_ = connection.Close()
	}
}

// bearChild starts another probe, which shares the output, serves on [ChildPort] and does not end by itself.
func bearChild() {
	//nolint:gosec,noctx // this very program; nobody waits for it, which is the point
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), Variable+"=serve", "FUNCTIONS_CUSTOMHANDLER_PORT="+os.Getenv(ChildPort))
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	if err := child.Start(); err != nil {
		os.Exit(1)
	}
}

// serve reads the body first: net/http notices that a client has gone only after that.
func serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if r.URL.Path == "/" {
		return
	}
	if !strings.HasPrefix(strings.ToLower(r.URL.Path), "/api/") {
		answerProtocol(w, r, body)
		return
	}
	query := r.URL.Query()
	switch query.Get("do") {
	case "exit":
		code, _ := strconv.Atoi(query.Get("with"))
		os.Exit(code)
	case "say":
		say(os.Stdout, query.Get("stdout"))
		say(os.Stderr, query.Get("stderr"))
	case "hang":
		hang(r)
	case "sleep":
		time.Sleep(time.Minute)
	case "refuse":
		w.Header().Set("Content-Type", "application/problem+json")
		w.Header().Set("X-Probe", "yes")
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, `{"code":"teapot"}`)
		return
	case "redirect":
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
		return
	case "stream":
		stream(w, query.Has("length"))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Add("Set-Cookie", "a=1")
	w.Header().Add("Set-Cookie", "b=2")
	_ = json.NewEncoder(w).Encode(describe(r, body, query.Has("env")))
}

func say(to io.Writer, text string) {
	if text != "" {
		_, _ = fmt.Fprintln(to, text)
	}
}

func describe(r *http.Request, body []byte, withEnv bool) Seen {
	dir, _ := os.Getwd()
	seen := Seen{
		PID: os.Getpid(), Args: os.Args, Dir: dir,
		Method: r.Method, URI: r.RequestURI, Host: r.Host, ContentLength: r.ContentLength,
		TransferEncoding: r.TransferEncoding, Header: r.Header, Body: string(body),
	}
	if withEnv {
		seen.Env = map[string]string{}
		for _, entry := range os.Environ() {
			name, value, _ := strings.Cut(entry, "=")
			seen.Env[name] = value
		}
	}
	return seen
}

func hang(r *http.Request) {
	select {
	case <-r.Context().Done():
		fmt.Println("probe: cancelled")
	case <-time.After(Hang):
		fmt.Println("probe: finished")
	}
}

// stream sends two pieces 300 ms apart.
func stream(w http.ResponseWriter, withLength bool) {
	if withLength {
		w.Header().Set("Content-Length", strconv.Itoa(len("first\nsecond\n")))
	}
	_, _ = io.WriteString(w, "first\n")
	_ = http.NewResponseController(w).Flush()
	time.Sleep(300 * time.Millisecond)
	_, _ = io.WriteString(w, "second\n")
}

// answerProtocol answers the host's JSON protocol with what it saw. A body of "die" ends the probe with 0, "mute" is
// answered without an output, "fail" with a status that is no success, "plain" with another media type.
func answerProtocol(w http.ResponseWriter, r *http.Request, body []byte) {
	var payload struct {
		Data map[string]struct{ Body string }
	}
	_ = json.Unmarshal(body, &payload)
	request := payload.Data["req"].Body
	if request == "die" {
		os.Exit(0)
	}
	answer := map[string]any{"Logs": []string{"probe: logged by protocol"}}
	if request != "mute" {
		answer["Outputs"] = map[string]any{"res": map[string]any{
			"statusCode": http.StatusCreated,
			"headers":    map[string]string{"X-Probe": "yes"},
			"body":       describe(r, body, false),
		}}
	}
	w.Header().Set("Content-Type", "application/json")
	if request == "plain" {
		w.Header().Set("Content-Type", "text/plain")
	}
	if request == "fail" {
		w.WriteHeader(http.StatusTeapot)
	}
	_ = json.NewEncoder(w).Encode(answer)
}
