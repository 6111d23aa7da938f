// The door `millrace/ops`: what an operator needs of any application: metrics, probes and status over HTTP, a logger.
export { defaultHealthBounds, Health, type HealthBounds, type HealthOptions } from './health.ts'
export type { AdminOptions } from './admin.ts'
export { type OpsServer, type OpsServerOptions, type Probe, startOpsServer } from './http.ts'
export { createMetrics, type Metrics, type MetricsOptions } from './metrics.ts'
export { createPinoLogger, type PinoLoggerOptions } from './pino-logger.ts'
export type { LogLevel } from './switched-logger.ts'
export { type OpenTelemetryApi, openTelemetryTracer, type OpenTelemetryTracer } from './open-telemetry.ts'
export { OtlpTracer, type OtlpTracerOptions } from './otlp-tracer.ts'
