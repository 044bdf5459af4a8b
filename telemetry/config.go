// Package telemetry is what byoe tells of itself: the log, one line a request, as JSON. The spans and metrics are in
// telemetry/otlp, what Entra's calls look like in telemetry/shape.
package telemetry

import (
	"crypto/x509"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"byoe/config"
	"byoe/redact"
)

// Config is what the owner says about the log, and about spans and metrics by OpenTelemetry's own names.
type Config struct {
	Level    string `env:"LOG_LEVEL" envDefault:"info" desc:"Least severity that is logged: debug, info, warn or error"`
	LogShape bool   `env:"LOG_SHAPE" envDefault:"false" desc:"Log the shape of each genuine call: names, types and framing, never a value"`

	Disabled        bool          `env:"OTEL_SDK_DISABLED" envDefault:"false" desc:"Send neither spans nor metrics, whatever else is set"`
	Endpoint        string        `env:"OTEL_EXPORTER_OTLP_ENDPOINT" desc:"Where spans and metrics go by OTLP/HTTP, such as https://collector.example:4318; nothing is sent where no endpoint is set"`
	TracesEndpoint  string        `env:"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" desc:"Whole URL for spans alone"`
	MetricsEndpoint string        `env:"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT" desc:"Whole URL for metrics alone"`
	Headers         redact.Secret `env:"OTEL_EXPORTER_OTLP_HEADERS" desc:"Header fields of each export, such as api-key=…, comma-separated"`
	Protocol        string        `env:"OTEL_EXPORTER_OTLP_PROTOCOL" envDefault:"http/protobuf" desc:"http/protobuf is the one that byoe speaks"`
	Insecure        bool          `env:"OTEL_EXPORTER_OTLP_INSECURE" envDefault:"false" desc:"Let endpoints be plain http beyond the loopback, for a collector in a network of your own"`
	Certificate     string        `env:"OTEL_EXPORTER_OTLP_CERTIFICATE" desc:"PEM file of the authorities that vouch for the endpoint; the system's where empty"`
	Compression     string        `env:"OTEL_EXPORTER_OTLP_COMPRESSION" envDefault:"gzip" desc:"gzip or none"`
	Traces          string        `env:"OTEL_TRACES_EXPORTER" envDefault:"otlp" desc:"otlp, or none for no spans"`
	Metrics         string        `env:"OTEL_METRICS_EXPORTER" envDefault:"otlp" desc:"otlp, or none for no metrics"`
	Sampler         string        `env:"OTEL_TRACES_SAMPLER" envDefault:"parentbased_always_on" desc:"Which calls have spans that went well at the first attempt; all others always have"`
	SamplerArg      string        `env:"OTEL_TRACES_SAMPLER_ARG" desc:"Ratio of the ratio samplers, 0 to 1; 1 where empty"`
	MetricInterval  int           `env:"OTEL_METRIC_EXPORT_INTERVAL" envDefault:"60000" desc:"Milliseconds between two exports of metrics"`
	ServiceName     string        `env:"OTEL_SERVICE_NAME" envDefault:"byoe" desc:"Name of the service in spans and metrics"`
	Resource        string        `env:"OTEL_RESOURCE_ATTRIBUTES" desc:"More attributes of the service, such as deployment.environment.name=production, comma-separated"`
}

// The samplers, as OpenTelemetry's specification names them.
const (
	SamplerAlwaysOn        = "always_on"
	SamplerAlwaysOff       = "always_off"
	SamplerRatio           = "traceidratio"
	SamplerParentAlwaysOn  = "parentbased_always_on"
	SamplerParentAlwaysOff = "parentbased_always_off"
	SamplerParentRatio     = "parentbased_traceidratio"
)

func samplers() []string {
	return []string{SamplerAlwaysOn, SamplerAlwaysOff, SamplerRatio, SamplerParentAlwaysOn, SamplerParentAlwaysOff, SamplerParentRatio}
}

// Validate returns everything that is wrong with the settings.
func (c Config) Validate() config.Problems {
	var level slog.Level
	var problems config.Problems
	if level.UnmarshalText([]byte(c.Level)) != nil {
		problems = config.Problems{{Setting: "LOG_LEVEL", What: "not a level", Remedy: "Give debug, info, warn or error"}}
	}
	if !c.SendsTraces() && !c.SendsMetrics() {
		return problems // what is not used keeps nobody from starting: platforms set some of these by themselves
	}
	return slices.Concat(problems, c.endpointProblems(), c.exportProblems(), c.samplerProblems())
}

// SendsTraces says whether spans are to be sent.
func (c Config) SendsTraces() bool { return !c.Disabled && c.Traces != none && c.TracesURL() != "" }

// SendsMetrics says whether metrics are to be sent.
func (c Config) SendsMetrics() bool { return !c.Disabled && c.Metrics != none && c.MetricsURL() != "" }

const none = "none"

// TracesURL is where spans go; "" where nowhere.
func (c Config) TracesURL() string { return signalURL(c.TracesEndpoint, c.Endpoint, "/v1/traces") }

// MetricsURL is where metrics go; "" where nowhere.
func (c Config) MetricsURL() string { return signalURL(c.MetricsEndpoint, c.Endpoint, "/v1/metrics") }

// signalURL takes a signal's own URL as it is, and adds the signal's path to the common one ("OTLP exporter", endpoint
// URLs for OTLP/HTTP).
func signalURL(own, common, path string) string {
	if own != "" || common == "" {
		return own
	}
	return strings.TrimSuffix(common, "/") + path
}

func (c Config) endpointProblems() config.Problems {
	var problems config.Problems
	for _, e := range []struct{ setting, value string }{
		{"OTEL_EXPORTER_OTLP_ENDPOINT", c.Endpoint},
		{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", c.TracesEndpoint},
		{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", c.MetricsEndpoint},
	} {
		if what := c.wrongWith(e.value); what != "" {
			problems = append(problems, config.Problem{
				Setting: e.setting, What: what,
				Remedy: "Give a URL such as https://collector.example:4318; for plain http to a collector in your own network, also OTEL_EXPORTER_OTLP_INSECURE=true",
			})
		}
	}
	return problems
}

// wrongWith says what is wrong with an endpoint. The header fields are keys as a rule, and travel with each export.
func (c Config) wrongWith(endpoint string) string {
	if endpoint == "" {
		return ""
	}
	u, err := url.Parse(endpoint)
	switch {
	case err != nil || u.Hostname() == "" || u.Opaque != "":
		return "not an absolute URL"
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "has a user, a query or a fragment"
	case u.Scheme == "https", u.Scheme == "http" && (c.Insecure || config.IsLoopback(u.Hostname())):
		return ""
	default:
		return "not https (plain http is for the loopback only)"
	}
}

func (c Config) exportProblems() config.Problems {
	var problems config.Problems
	add := func(bad bool, setting, what, remedy string) {
		if bad {
			problems = append(problems, config.Problem{Setting: setting, What: what, Remedy: remedy})
		}
	}
	_, headersErr := c.HeaderFields()
	_, resourceErr := pairs(c.Resource)
	_, certificateErr := c.Authorities()
	add(headersErr != nil, "OTEL_EXPORTER_OTLP_HEADERS", "not of the form name=value,name=value", "Give header fields such as api-key=…, with values percent-encoded")
	add(resourceErr != nil, "OTEL_RESOURCE_ATTRIBUTES", "not of the form name=value,name=value", "Give attributes such as deployment.environment.name=production, with values percent-encoded")
	add(c.Protocol != "http/protobuf", "OTEL_EXPORTER_OTLP_PROTOCOL", "not a protocol that byoe speaks", "Give http/protobuf and an endpoint for it (port 4318 as a rule), or OTEL_SDK_DISABLED=true")
	add(certificateErr != nil, "OTEL_EXPORTER_OTLP_CERTIFICATE", "no readable file with a certificate in PEM", "Give the path of the authority's certificate")
	add(c.Compression != "gzip" && c.Compression != none, "OTEL_EXPORTER_OTLP_COMPRESSION", "neither gzip nor none", "Leave it out")
	add(c.Traces != "otlp" && c.Traces != none, "OTEL_TRACES_EXPORTER", "neither otlp nor none", "Leave it out, or give none for no spans")
	add(c.Metrics != "otlp" && c.Metrics != none, "OTEL_METRICS_EXPORTER", "neither otlp nor none", "Leave it out, or give none for no metrics")
	add(c.MetricInterval < 1000, "OTEL_METRIC_EXPORT_INTERVAL", "below 1000", "Give milliseconds, such as 60000")
	return problems
}

func (c Config) samplerProblems() config.Problems {
	if !slices.Contains(samplers(), c.Sampler) {
		return config.Problems{{Setting: "OTEL_TRACES_SAMPLER", What: "not a sampler that byoe knows", Remedy: "Give one of " + strings.Join(samplers(), ", ")}}
	}
	if _, err := c.ratio(); err != nil {
		return config.Problems{{Setting: "OTEL_TRACES_SAMPLER_ARG", What: "not a number from 0 to 1", Remedy: "Give a ratio such as 0.1"}}
	}
	return nil
}

// Ratio is the ratio of the samplers that have one.
func (c Config) Ratio() float64 {
	ratio, _ := c.ratio() // validated
	return ratio
}

func (c Config) ratio() (float64, error) {
	if c.SamplerArg == "" {
		return 1, nil
	}
	ratio, err := strconv.ParseFloat(c.SamplerArg, 64)
	if err == nil && !(ratio >= 0 && ratio <= 1) { // not a number is neither
		err = strconv.ErrRange
	}
	return ratio, err
}

// HeaderFields are those of each export. The values are secret.
func (c Config) HeaderFields() (map[string]string, error) {
	fields, err := pairs(c.Headers.Reveal())
	for name, value := range fields {
		if http.CanonicalHeaderKey(name) == "" || strings.ContainsAny(name, " \t\r\n:") || strings.ContainsAny(value, "\r\n\x00") {
			err = strconv.ErrSyntax
		}
	}
	return fields, err
}

// Authorities vouch for the endpoint; nil stands for the system's.
func (c Config) Authorities() (*x509.CertPool, error) {
	if c.Certificate == "" {
		return nil, nil //nolint:nilnil // what crypto/tls takes for the system's
	}
	pem, err := os.ReadFile(c.Certificate)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("no certificate in the file")
	}
	return pool, nil
}

// ResourceAttributes are what the owner says of the service.
func (c Config) ResourceAttributes() map[string]string {
	attributes, _ := pairs(c.Resource) // validated
	return attributes
}

// pairs reads name=value,name=value with percent-encoded values, the form of both settings that are lists.
func pairs(list string) (map[string]string, error) {
	read := map[string]string{}
	for pair := range strings.SplitSeq(list, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, value, found := strings.Cut(pair, "=")
		decoded, err := url.PathUnescape(strings.TrimSpace(value))
		if name = strings.TrimSpace(name); !found || name == "" || err != nil {
			return nil, strconv.ErrSyntax
		}
		read[name] = decoded
	}
	return read, nil
}
