package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"byoe/config"
)

// ServerConfig says where the webhook listens.
type ServerConfig struct {
	FunctionsPort uint16 `env:"FUNCTIONS_CUSTOMHANDLER_PORT" desc:"Port that the Functions host wants; it sets this itself"`
	Port          uint16 `env:"PORT" envDefault:"8080" desc:"Port where there is no Functions host; 0 takes a free one"`
	SiteName      string `env:"WEBSITE_SITE_NAME" desc:"Name of the Function App; Azure sets it itself"`
	Host          string `env:"HOST" envDefault:"127.0.0.1" desc:"Address to listen on where there is no Functions host; 0.0.0.0 in a container"`
}

// Validate returns everything that is wrong with the settings.
func (c ServerConfig) Validate() config.Problems {
	if net.ParseIP(c.Host) != nil || c.Host == "localhost" {
		return nil
	}
	return config.Problems{{Setting: "HOST", What: "not an IP address", Remedy: "Give 127.0.0.1, or 0.0.0.0 for every interface"}}
}

// UnderFunctionsHost says whether the Azure Functions host started this process.
func (c ServerConfig) UnderFunctionsHost() bool { return c.FunctionsPort != 0 }

// InAzure says whether this is a Function App or another site of App Service.
func (c ServerConfig) InAzure() bool { return c.SiteName != "" }

// Address is where to listen. The Functions host dials 127.0.0.1 literally; whatever HOST says would keep it waiting.
func (c ServerConfig) Address() string {
	if c.UnderFunctionsHost() {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(int(c.FunctionsPort)))
	}
	return net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port)))
}

// The limits of one connection. The idle time is above the 120 s for which the Functions host keeps its connections, so
// that it never writes into one that we close. The header's are those of the Functions host's own server (32 KiB, 100
// fields, and it adds some): Go makes 200 bytes of memory of a field that takes 5 on the wire.
const (
	headerMost     = 5 * time.Second
	readMost       = 10 * time.Second
	writeMost      = 30 * time.Second
	idleMost       = 180 * time.Second
	maxHeaderBytes = 32 << 10
	maxFields      = 128
	// leftoverMost is how long the rest of a body is waited for that nobody wants. The server takes it off the connection
	// before it sends the answer; a stranger who sends it slowly would hold a place for all of readMost.
	leftoverMost = time.Second
	// drainMost is how long a stop waits for requests in flight: longer than any of them may take.
	drainMost = 15 * time.Second
)

// serve answers requests on l until ctx is done, and then lets those in flight end.
func serve(ctx context.Context, l net.Listener, h http.Handler, logger *slog.Logger) error {
	server := &http.Server{
		Handler:           bounded(h),
		ReadHeaderTimeout: headerMost,
		ReadTimeout:       readMost,
		WriteTimeout:      writeMost,
		IdleTimeout:       idleMost,
		MaxHeaderBytes:    maxHeaderBytes,
		ConnState:         newConnections(connectionsFor(descriptors())).follow(ctx),
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelDebug), // it quotes what strangers send
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(loud{l, logger}) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainMost)
	defer cancel()
	err := server.Shutdown(drain)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

// loud tells why no connection can be taken. net/http tells it where it tells what strangers send, which nobody should read.
// It tries again after a pause of up to a second.
type loud struct {
	net.Listener

	logger *slog.Logger
}

// Accept implements [net.Listener].
func (l loud) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil && !errors.Is(err, net.ErrClosed) {
		l.logger.Error("no connection can be taken", slog.String("error", err.Error()))
	}
	return conn, err
}

// bounded refuses what has too many header fields, and lets nobody hold a connection by a body that was not asked for.
func bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.Header) > maxFields {
			w.Header().Set("Connection", "close")
			w.WriteHeader(http.StatusRequestHeaderFieldsTooLarge)
		} else {
			next.ServeHTTP(w, r)
		}
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(leftoverMost)) // a connection that has none is gone
	})
}
