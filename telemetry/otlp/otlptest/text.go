package otlptest

import (
	"fmt"
	"slices"
	"strings"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
)

// Value is an attribute's value as text.
func Value(v *commonpb.AnyValue) string {
	switch value := v.GetValue().(type) {
	case *commonpb.AnyValue_StringValue:
		return value.StringValue
	case *commonpb.AnyValue_BoolValue:
		return fmt.Sprint(value.BoolValue)
	case *commonpb.AnyValue_IntValue:
		return fmt.Sprint(value.IntValue)
	case *commonpb.AnyValue_DoubleValue:
		return fmt.Sprint(value.DoubleValue)
	default:
		return v.String()
	}
}

// Labels are attributes as one text: name=value, sorted, comma-separated.
func Labels(attributes []*commonpb.KeyValue) string {
	labels := make([]string, len(attributes))
	for i, a := range attributes {
		labels[i] = a.GetKey() + "=" + Value(a.GetValue())
	}
	slices.Sort(labels)
	return strings.Join(labels, ",")
}

// Attributes are a span's, by name.
func Attributes(s *tracepb.Span) map[string]string {
	attributes := map[string]string{}
	for _, a := range s.GetAttributes() {
		attributes[a.GetKey()] = Value(a.GetValue())
	}
	return attributes
}
