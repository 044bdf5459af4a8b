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

// The limits of one connection. A stranger who sends slowly holds a connection no longer than readMost. The idle time is
// above the 120 s for which the Functions host keeps its connections, so that it never writes into one that we close.
const (
	headerMost     = 5 * time.Second
	readMost       = 10 * time.Second
	writeMost      = 30 * time.Second
	idleMost       = 180 * time.Second
	maxHeaderBytes = 64 << 10
	// drainMost is how long a stop waits for requests in flight: longer than any of them may take.
	drainMost = 15 * time.Second
)

// serve answers requests on l until ctx is done, and then lets those in flight end.
func serve(ctx context.Context, l net.Listener, h http.Handler, logger *slog.Logger) error {
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerMost,
		ReadTimeout:       readMost,
		WriteTimeout:      writeMost,
		IdleTimeout:       idleMost,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelDebug), // it quotes what strangers send
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
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
