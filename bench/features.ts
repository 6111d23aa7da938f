// `npm run bench -- features`: time of a log in the features of its service and window, and in the operators of the fleet that
// make them, the largest error of a quantile, and bytes of a key, as a store keeps it. Exit code 1 beyond the goals.
import { ComponentSeries, type FeatureRow, LogFeatures, templateId } from '../src/detection/index.ts'
import { json } from '../src/index.ts'
import { MockProcessorContext } from '../src/testing/index.ts'
import type { EnrichedLog } from '../topologies/enriched-log.ts'
import { FeatureGatherer } from '../topologies/features/feature-gatherer.ts'
import { FeatureProcessor } from '../topologies/features/feature-processor.ts'
import { seededRandom } from '../src/testing/simulator.ts'
import { median } from './median.ts'

const microsecondsMax = 1
const errorMax = 0.01
const bytesMax = 8192
const logs = 1_000_000
const rounds = 7
const topologyRounds = 3
const services = 50
const templatesOfService = 60
const windowMs = 60_000

const random = seededRandom(11)
const ids = Array.from({ length: services * templatesOfService }, (_, index) => templateId(`form ${index}`))
const lines = Array.from({ length: logs }, (_, index) => {
  const service = Math.floor(random() * services)
  const form = Math.floor(random() * random() * templatesOfService)
  return {
    scope: `service-${service}`,
    timestamp: Math.floor((index / logs) * 10 * windowMs),
    isError: random() < 0.02,
    // A log-normal distribution around 60 ms.
    durationMs: Math.exp(4 + 1.2 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())),
    templateId: ids[service * templatesOfService + form],
    isNewTemplate: false,
  }
})

let bytes = 0
let error = 0

/** Microseconds a log. */
function round(): number {
  const features = new LogFeatures()
  const before = process.cpuUsage()
  for (const [index, line] of lines.entries()) {
    features.add(line)
    if (index % 100_000 === 0) features.takeEnded(line.timestamp - windowMs)
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / logs
}

/** Rows of a store, without a store: the bench of operators measures those. */
class Rows {
  readonly rows = new Map<string, string>()

  put(key: string, value: string): void {
    bytesOfKey = Math.max(bytesOfKey, value.length)
    this.rows.set(key, value)
  }

  delete(key: string): void {
    this.rows.delete(key)
  }

  all(): readonly { readonly key: string; readonly value: string }[] {
    return Array.from(this.rows, ([key, value]) => ({ key, value }))
  }
}

/** Between two commits: the fleet's 5 seconds, at 10,000 logs a second in a task. */
const commitLogs = 50_000
/** They come again and again, and have the fields that the operators read. */
const values = lines.slice(0, 20_000).map(
  (line, index) =>
    ({
      service: line.scope,
      component: `part-${index % 4}`,
      level: line.isError ? 'error' : 'info',
      durationMs: line.durationMs,
      template: { id: line.templateId ?? '', text: '' },
      hasNewTemplate: false,
    }) as EnrichedLog,
)
let bytesOfKey = 0

let pieceCount = 0

/** Microseconds a log through both operators, with the bytes between them, for a service and four components each. */
function topologyRound(): number {
  const windows = { windowMs, graceMs: 30_000 }
  const rows = new Rows()
  const pieces = new MockProcessorContext<string, FeatureRow>()
  const outputs = new MockProcessorContext<string, unknown>()
  outputs.getStateStore = (() => rows) as never
  const gatherer = new FeatureGatherer(windows)
  const processor = new FeatureProcessor({ ...windows, featuresTopic: 'features', kind: 'application' })
  const serde = json<FeatureRow>()
  gatherer.init(pieces)
  processor.init(outputs)
  const before = process.cpuUsage()
  for (let index = 0; index < logs; index++) {
    // 10,000 logs a second.
    const timestamp = Math.floor(index / 10)
    gatherer.process({ key: 'k', value: values[index % values.length] as EnrichedLog, timestamp, headers: [] })
    if (index % commitLogs !== 0) continue
    gatherer.beforeCommit()
    for (const { record: piece } of pieces.forwarded.splice(0)) {
      const value = serde.deserialize(serde.serialize(piece.value, 't', []), 't', [])
      processor.process({ ...piece, value })
      pieceCount++
    }
    processor.beforeCommit()
    outputs.forwarded.length = 0
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / logs
}

/** The row of a service whose components have long names and large numbers. */
function worstSeriesBytes(): number {
  const series = new ComponentSeries(windowMs)
  for (let index = 0; index < 50; index++) {
    const names = Array.from({ length: 20 }, (_, place) => `${place}`.padStart(80, 'x'))
    series.add(
      index * windowMs,
      names.map((component) => ({ component, count: 9_999_999, errorCount: 9_999_999 })),
    )
  }
  return JSON.stringify(series.row()).length
}

/** One window of each service: what its row takes, and how far its quantiles are from those of the values. */
function check(): void {
  const features = new LogFeatures()
  const durations = new Map<string, number[]>()
  for (const line of lines.filter(({ timestamp }) => timestamp < windowMs)) {
    features.add(line)
    const known = durations.get(line.scope)
    if (known === undefined) durations.set(line.scope, [line.durationMs])
    else known.push(line.durationMs)
  }
  for (const [, row] of features.takeChanges().rows) bytes = Math.max(bytes, JSON.stringify(row).length)
  for (const { scope, latency } of features.takeEnded(windowMs)) {
    const sorted = (durations.get(scope) ?? []).toSorted((left, right) => left - right)
    for (const [share, found] of [
      [0.5, latency?.p50 ?? 0],
      [0.95, latency?.p95 ?? 0],
      [0.99, latency?.p99 ?? 0],
    ] as const) {
      const exact = sorted[Math.floor(share * (sorted.length - 1))] ?? 0
      error = Math.max(error, Math.abs(found / exact - 1))
    }
  }
}

/** The worst key: more templates than are counted by themselves, and durations of all sizes. */
function worstBytes(): number {
  const features = new LogFeatures()
  for (let index = 0; index < 20_000; index++) {
    const durationMs = 10 ** (random() * 9 - 2)
    features.add({ scope: 'worst', timestamp: 0, isError: false, durationMs, templateId: ids[index % ids.length] })
  }
  return JSON.stringify(features.takeChanges().rows[0]?.[1]).length
}

check()
const worst = worstBytes()
round()
const microseconds = median(Array.from({ length: rounds }, round))
topologyRound()
const topologyMicroseconds = median(Array.from({ length: topologyRounds }, topologyRound))
const series = worstSeriesBytes()
console.log(`${logs} logs of ${services} services, median of ${rounds} rounds, processor time`)
console.log(`${microseconds.toFixed(3)} us a log (goal ${microsecondsMax})`)
console.log(
  `${topologyMicroseconds.toFixed(3)} us a log in the operators of the fleet, of a service and a component, ${Math.round(pieceCount / (topologyRounds + 1))} sums (goal ${microsecondsMax})`,
)
console.log(`${(100 * error).toFixed(2)} % largest error of p50, p95 and p99 (goal ${100 * errorMax} %)`)
console.log(
  `${bytes} bytes of a key, ${worst} of the worst one, ${series} of the worst series of components (goal ${bytesMax})`,
)
if (
  Math.max(microseconds, topologyMicroseconds) > microsecondsMax ||
  error > errorMax ||
  Math.max(worst, series, bytesOfKey) > bytesMax
)
  process.exitCode = 1
