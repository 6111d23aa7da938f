import { type Alert, alertOf, type Severity } from '../../schemas/alert.ts'
import type { AlertChange } from '../../src/alerts/index.ts'
import {
  type FixedKeyProcessor,
  type FixedKeyProcessorContext,
  json,
  type KStream,
  type StreamRecord,
  type StreamsBuilder,
  string,
} from '../../src/index.ts'

export interface PublishOptions {
  readonly topic: string
  /** More topics by severity, on top of `topic`. */
  readonly routes: Readonly<Partial<Record<Severity, string>>>
}

const serdes = { key: string(), value: json<Alert>({ bigIntegers: 'round' }) }

/** Alerts as others read them: when they fire, get worse, have no data, and are resolved. */
export function publish(
  changes: KStream<string, AlertChange, boolean, boolean>,
  { topic, routes }: PublishOptions,
): void {
  const alerts = changes
    .filter((_, { status }) => status !== 'pending', { name: 'published-alerts' })
    .mapValues(alertOf, { name: 'alert-document' })
    .processValues({ create: () => new AlertCount() }, { name: 'count-alerts' })
  alerts.to(topic, { name: 'to-alerts', ...serdes })
  for (const [severity, name] of Object.entries(routes)) {
    alerts
      .filter((_, alert) => alert.severity === severity, { name: `only-${severity}` })
      .to(name, { name: `to-${severity}`, ...serdes })
  }
}

/**
 * Every alert of the topic to each sink, in tasks of their own: an unreachable search server holds up no notice, and no
 * change that was decided on is read again when it is back.
 */
export function archive(builder: StreamsBuilder, topic: string, sinks: readonly string[]): void {
  if (sinks.length === 0) return
  const alerts = builder.stream(topic, { name: 'published', ...serdes })
  for (const sink of sinks) alerts.toSink(sink, { name: `to-${sink}` })
}

/** Counts alerts that begin to fire or get worse, by severity, as metrics. */
class AlertCount implements FixedKeyProcessor<string, Alert, Alert> {
  #context!: FixedKeyProcessorContext<string, Alert>

  init(context: FixedKeyProcessorContext<string, Alert>): void {
    this.#context = context
  }

  process(record: StreamRecord<string, Alert>): void {
    const { status, severity } = record.value
    if (status === 'firing') this.#context.metrics.counter(`alert_severity:${severity}`).increment()
    this.#context.forward(record)
  }
}
