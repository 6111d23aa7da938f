import { workerPipeline } from '../../fleet/worker-pipeline.ts'
import {
  days,
  hoppingWindows,
  json,
  type KStream,
  minutes,
  seconds,
  type Serde,
  string,
  type StreamsBuilder,
  untilWindowCloses,
} from '../../src/index.ts'
import { createRedactor } from '../../src/pipelines/index.ts'
import { dedupe, defaultDedupe } from '../../topologies/deduplication/dedupe.ts'
import type { EnrichedLog } from '../../topologies/enriched-log.ts'
import { enrichment } from '../../topologies/enrichment.ts'
import { errorRate } from '../../topologies/error-rate.ts'
import { defaultInputPolicy } from '../../topologies/input-policy.ts'
import { logInput } from '../../topologies/log-input.ts'
import { defaultErrorRate } from '../../topologies/log-topology.ts'

/** Hours of logs are read in seconds, which says nothing about the clocks of their hosts: none is held to be ahead. */
const clockToleranceMs = days(1)

/** As the worker is shipped: it looks for secrets in each field. */
export function fleetRedacted(builder: StreamsBuilder, output: string, seen: () => void): void {
  fleet(builder, output, seen, true)
}

/** What the topology in Java does. */
export function fleetPlain(builder: StreamsBuilder, output: string, seen: () => void): void {
  fleet(builder, output, seen, false)
}

/**
 * The topologies of the application worker, with a topic in place of sinks, and with hopping windows of errors in place of
 * alert rules: `scripts/kafka-streams/FleetJob.java` has the same.
 */
function fleet(builder: StreamsBuilder, output: string, seen: () => void, isRedacted: boolean): void {
  const pipeline = workerPipeline('application', undefined)
  const redactor = createRedactor({ rules: isRedacted ? pipeline.redaction : [] })
  const policy = { ...defaultInputPolicy, clockToleranceMs }
  const { valueBytesMax } = policy
  const enriched = enrichment(builder, {
    topic: 'fleet-logs',
    input: logInput({ avro: undefined, valueBytesMax, takesOwnShape: pipeline.onlyReads, redactor }),
    pipeline,
    redactor,
    servicesTopic: 'services',
    policy,
    geo: undefined,
  }).peek(() => seen(), { name: 'seen-logs' })
  // Without the documents that sum up repeated errors: the wall clock decides when there is one.
  const { logs } = dedupe(enriched, defaultDedupe, redactor)
  logs.to(output, { name: 'to-documents', key: string(), value: documentBytes })
  errorRate(logs, { ...defaultErrorRate, reportsTopic: output, worker: 'application' })
  errors(logs, output)
}

function errors(logs: KStream<string, EnrichedLog, boolean, boolean>, output: string): void {
  logs
    .filter((_, { level }) => level === 'error' || level === 'critical', { name: 'errors' })
    .mapValues(({ level }) => level, { name: 'error-levels' })
    .groupByKey({ name: 'errors-by-service', key: string(), value: string() })
    .windowedBy(hoppingWindows({ sizeMs: minutes(5), advanceMs: minutes(1), graceMs: seconds(30) }))
    .count({ name: 'error-counts', store: 'error-counts' })
    .suppress(untilWindowCloses({ name: 'errors-closed' }))
    .toStream({ name: 'closed-errors' })
    .map(({ key, window }, count): [string, Errors] => [key, { startMs: window.startMs, errors: Number(count) }], {
      name: 'error-reports',
    })
    .to(output, { name: 'to-errors', key: string(), value: json<Errors>() })
}

interface Errors {
  readonly startMs: number
  readonly errors: number
}

const documentBytes: Serde<EnrichedLog> = {
  name: 'document',
  serialize: (log) => log.toBytes(),
  deserialize: () => {
    throw new Error('documents are only written')
  },
}
