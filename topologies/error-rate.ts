import { json, type KStream, string, tumblingWindows, untilWindowCloses, type Windowed } from '../src/index.ts'
import type { EnrichedLog } from './enriched-log.ts'
import {
  addCounts,
  durationQuantile,
  emptyCounts,
  errorsOf,
  type RateCounts,
  rateCounts,
  totalOf,
} from './rate-counts.ts'
import { rateGatherer } from './rate-gatherer.ts'

export interface ErrorRateOptions {
  /** Of the windows, which do not overlap. */
  readonly sizeMs: number
  readonly graceMs: number
  readonly reportsTopic: string
}

/** What a closed window says of a service. */
export interface RateReport {
  readonly key: string
  readonly startMs: number
  readonly endMs: number
  readonly total: number
  readonly errors: number
  readonly durationP95Ms: number
}

/** Reports how many logs of each service were errors, once for each window. */
export function errorRate(
  logs: KStream<string, EnrichedLog, boolean, boolean>,
  { sizeMs, graceMs, reportsTopic }: ErrorRateOptions,
): void {
  logs
    .process(
      rateGatherer((log) => log.service),
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
    .map((window, counts) => [window.key, report(window, counts)], { name: 'rate-reports' })
    .to(reportsTopic, { name: 'to-rates', key: string(), value: json<RateReport>() })
}

function report({ key, window }: Windowed<string>, counts: RateCounts): RateReport {
  return {
    key,
    startMs: window.startMs,
    endMs: window.endMs,
    total: totalOf(counts),
    errors: errorsOf(counts),
    durationP95Ms: durationQuantile(counts, 0.95),
  }
}
