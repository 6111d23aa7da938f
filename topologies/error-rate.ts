import { type Alert, alert } from '../schemas/alert.ts'
import {
  hoppingWindows,
  type KStream,
  type KTable,
  string,
  tumblingWindows,
  untilWindowCloses,
  type Windowed,
} from '../src/index.ts'
import type { EnrichedLog } from './enriched-log.ts'
import { type BurnSettings } from './burn-rate.ts'
import { burnRateProcessor } from './burn-rate-processor.ts'
import { isCodeName } from './code-names.ts'
import { rateGatherer } from './rate-gatherer.ts'
import {
  addCounts,
  durationQuantile,
  emptyCounts,
  errorShare,
  errorsOf,
  type RateCounts,
  rateCounts,
  totalOf,
} from './rate-counts.ts'

export interface ErrorRateOptions {
  /** Tumbling windows per service. */
  readonly sizeMs: number
  /** Hopping windows per component, twice overlapping, of so many tumbling sizes. */
  readonly componentWindows: number
  readonly graceMs: number
  readonly volumeMin: number
  /** Share of errors from which a component's window raises an alert. */
  readonly shareMax: number
  readonly burn: BurnSettings
}

/** What a closed window says; goes to the rates topic and to the anomaly detectors. */
export interface RateReport {
  readonly key: string
  readonly startMs: number
  readonly endMs: number
  readonly total: number
  readonly errors: number
  readonly durationP95Ms: number
}

export interface ErrorRates {
  /** Early results: as soon as a window shows it. */
  readonly alerts: KStream<string, Alert, boolean, boolean>
  /** Final results: one a closed window and service. */
  readonly reports: KStream<string, RateReport, boolean, boolean>
}

/** Errors per service (tumbling, with burn rates) and per component (hopping). */
export function errorRate(logs: KStream<string, EnrichedLog, boolean, boolean>, options: ErrorRateOptions): ErrorRates {
  const { sizeMs, graceMs } = options
  const byService = counted(logs, 'service', (log) => log.service, tumblingWindows({ sizeMs, graceMs }))
  const componentMs = sizeMs * options.componentWindows
  const byComponent = counted(
    logs,
    'component',
    componentOf,
    hoppingWindows({ sizeMs: componentMs, advanceMs: componentMs / 2, graceMs }),
  )
  const burning = byService
    .toStream({ name: 'service-rates' })
    .process(burnRateProcessor(options.burn), { name: 'burn-rate' })
  const failing = byComponent
    .toStream({ name: 'component-rates' })
    .filter((_, counts) => isHigh(counts, options), { name: 'high-rates' })
    .map((window, counts) => componentAlert(window, counts), { name: 'component-alerts' })
  const reports = byService
    .suppress(untilWindowCloses({ name: 'closed' }))
    .toStream({ name: 'closed-rates' })
    .map((window, counts) => [window.key, report(window, counts)], { name: 'rate-reports' })
  return { alerts: burning.merge(failing, { name: 'rate-alerts' }), reports }
}

function counted(
  logs: KStream<string, EnrichedLog, boolean, boolean>,
  name: string,
  keyOf: (log: EnrichedLog) => string | undefined,
  windows: ReturnType<typeof tumblingWindows>,
): KTable<Windowed<string>, RateCounts> {
  return logs
    .process(rateGatherer(keyOf), { name: `${name}-pieces` })
    .groupByKey({ name: `by-${name}`, key: string(), value: rateCounts })
    .windowedBy(windows)
    .aggregate(emptyCounts, (_, piece, counts) => addCounts(counts, piece), {
      name: `${name}-rate`,
      store: `${name}-rate`,
      value: rateCounts,
    })
}

/** Undefined: the log is of no part of its service that has a rate of its own. */
function componentOf({ service, component = 'unknown' }: EnrichedLog): string | undefined {
  return isCodeName(component) ? undefined : `${service}/${component}`
}

function isHigh(counts: RateCounts, options: ErrorRateOptions): boolean {
  return totalOf(counts) >= options.volumeMin && errorShare(counts) >= options.shareMax
}

function componentAlert({ key, window }: Windowed<string>, counts: RateCounts): readonly [string, Alert] {
  const percent = Math.round(errorShare(counts) * 100)
  const summary = `${key}: ${percent} % of ${totalOf(counts)} records are errors`
  const details = { total: totalOf(counts), errors: errorsOf(counts) }
  return [key, alert('component-error-rate', key, 'medium', window.startMs, summary, details)]
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
