// Command limit is the least that a webhook of this kind can do: it checks an RS256 signature with a key that it has, and
// forwards the body in one HTTP call. Nothing is decoded, composed, remembered, logged or bounded. What byoe costs is
// measured against it.
//
//	limit <file of the key, PEM> <URL to forward to>
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) != 2 {
		return errors.New("usage: limit <file of the key, PEM> <URL to forward to>")
	}
	pem, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	key, err := jwt.ParseRSAPublicKeyFromPEM(pem)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	f := &forwarder{
		parser:  jwt.NewParser(jwt.WithValidMethods([]string{"RS256"})),
		keyfunc: func(*jwt.Token) (any, error) { return key, nil },
		client:  &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 128}},
		url:     args[1],
	}
	server := &http.Server{Handler: f, ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if _, err := fmt.Fprintf(stdout, "listening %s\n", listener.Addr()); err != nil {
		return errors.Join(err, listener.Close())
	}
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// forwarder is the whole program.
type forwarder struct {
	parser  *jwt.Parser
	keyfunc jwt.Keyfunc
	client  *http.Client
	url     string
}

// ServeHTTP checks and forwards.
func (f *forwarder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if _, err := f.parser.ParseWithClaims(token, &jwt.RegisteredClaims{}, f.keyfunc); err != nil {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if err := f.forward(r.Context(), body); err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusOK)
}

func (f *forwarder) forward(ctx context.Context, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, f.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := f.client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusAccepted {
		return fmt.Errorf("answered with %d", answer.StatusCode)
	}
	return nil
}
