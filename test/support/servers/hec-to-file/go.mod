module hectofile

go 1.21

require (
	github.com/open-telemetry/opentelemetry-collector-contrib/exporter/fileexporter v0.96.0
	github.com/open-telemetry/opentelemetry-collector-contrib/receiver/splunkhecreceiver v0.96.0
	go.opentelemetry.io/collector/component v0.96.0
	go.opentelemetry.io/collector/exporter v0.96.0
	go.opentelemetry.io/collector/otelcol v0.96.0
	go.opentelemetry.io/collector/receiver v0.96.0
)
