import type { Alert, Severity } from '../schemas/alert.ts'
import {
  type FixedKeyProcessor,
  type FixedKeyProcessorContext,
  json,
  type KStream,
  type StreamRecord,
  string,
} from '../src/index.ts'

export interface AlertsOptions {
  readonly topic: string
  /** Names of the sinks that take every alert. */
  readonly sinks: readonly string[]
  /** More topics by severity, on top of `topic`. */
  readonly routes: Readonly<Partial<Record<Severity, string>>>
  /** How long a rule stays quiet about a key that it has told of. */
  readonly quietMs: number
}

/** One alert per rule and key and quiet time, to the alert topic and to the one of its severity. */
export function alerts(found: readonly KStream<string, Alert, boolean, boolean>[], options: AlertsOptions): void {
  const [first, ...others] = found
  if (first === undefined) return
  const told = others
    .reduce((merged, stream, index) => merged.merge(stream, { name: `alerts-${index + 1}` }), first)
    .selectKey((_, alert) => `${alert.rule}:${alert.key}`, { name: 'alert-key' })
    .repartition({ name: 'alerts-by-rule', key: string(), value: json<Alert>() })
    .deduplicate({
      name: 'quiet',
      store: 'told',
      reason: 'told before',
      idSerde: string(),
      ttlMs: options.quietMs,
      id: (key) => key,
    })
    .processValues({ create: () => new AlertCount() }, { name: 'count-alerts' })
  told.to(options.topic, { name: 'to-alerts', key: string(), value: json<Alert>() })
  for (const sink of options.sinks) told.toSink(sink, { name: `to-${sink}` })
  for (const [severity, topic] of Object.entries(options.routes)) {
    told
      .filter((_, alert) => alert.severity === severity, { name: `only-${severity}` })
      .to(topic, { name: `to-${severity}`, key: string(), value: json<Alert>() })
  }
}

/** Counts alerts by severity, as metrics. */
class AlertCount implements FixedKeyProcessor<string, Alert, Alert> {
  #context!: FixedKeyProcessorContext<string, Alert>

  init(context: FixedKeyProcessorContext<string, Alert>): void {
    this.#context = context
  }

  process(record: StreamRecord<string, Alert>): void {
    this.#context.metrics.counter(`alert_severity:${record.value.severity}`).increment()
    this.#context.forward(record)
  }
}
