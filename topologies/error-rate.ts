import { json, type KStream, string, tumblingWindows, untilWindowCloses, type Windowed } from '../src/index.ts'
import type { EnrichedLog } from './enriched-log.ts'
import { logLevels, type LogLevel } from '../schemas/log-record.ts'
import {
  addCounts,
  durationBuckets,
  durationQuantile,
  emptyCounts,
  errorsOf,
  type RateCounts,
  totalOf,
} from './rate-counts.ts'
import { rateCounts } from './rate-counts-serde.ts'
import { pieceMsOf, rateGatherer } from './rate-gatherer.ts'

export interface ErrorRateOptions {
  /** Of the windows, which do not overlap. */
  readonly sizeMs: number
  readonly graceMs: number
  readonly reportsTopic: string
  /** Which worker counts: reports of others have another name. */
  readonly worker: string
}

/** What a closed window says of a service. */
export interface RateReport {
  readonly key: string
  readonly startMs: number
  readonly endMs: number
  readonly total: number
  readonly errors: number
  readonly durationP95Ms: number
  /** Who counted: another worker may report on other logs of the same service. */
  readonly worker: string
  /** Only those that there were. */
  readonly levels: Readonly<Partial<Record<LogLevel, number>>>
  /** Logs that name a component, by its name: at most 20, the rest as `other`, in the order of their names. */
  readonly components: Readonly<Record<string, number>>
  /** How many durations were up to so many milliseconds and above the bound before; bounds are at most 9 % apart. */
  readonly durations: readonly (readonly [upToMs: number, count: number])[]
}

/** Reports how many logs of each service were errors, once for each window. */
export function errorRate(
  logs: KStream<string, EnrichedLog, boolean, boolean>,
  { sizeMs, graceMs, reportsTopic, worker }: ErrorRateOptions,
): void {
  logs
    .process(
      rateGatherer((log) => log.service, pieceMsOf({ sizeMs, graceMs })),
      { name: 'service-pieces' },
    )
    .groupByKey({ name: 'by-service', key: string(), value: rateCounts })
    .windowedBy(tumblingWindows({ sizeMs, graceMs }))
    .aggregate(emptyCounts, (_, piece, counts) => addCounts(counts, piece), {
      name: 'service-rate',
      store: 'service-rate',
      value: rateCounts,
    })
    .suppress(untilWindowCloses({ name: 'closed' }))
    .toStream({ name: 'closed-rates' })
    .map((window, counts) => [window.key, report(window, counts, worker)], { name: 'rate-reports' })
    .to(reportsTopic, { name: 'to-rates', key: string(), value: json<RateReport>() })
}

function report({ key, window }: Windowed<string>, counts: RateCounts, worker: string): RateReport {
  const levels = logLevels.map((level, index) => [level, counts.levels[index] ?? 0] as const)
  return {
    key,
    startMs: window.startMs,
    endMs: window.endMs,
    total: totalOf(counts),
    errors: errorsOf(counts),
    durationP95Ms: durationQuantile(counts, 0.95),
    worker,
    levels: Object.fromEntries(levels.filter(([, count]) => count > 0)),
    // In an order that does not depend on who counted first.
    components: Object.fromEntries([...counts.components].sort(([left], [right]) => (left < right ? -1 : 1))),
    durations: durationBuckets(counts),
  }
}
