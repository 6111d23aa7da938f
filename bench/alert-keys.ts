import { rule } from '../src/alerts/index.ts'
import { noHeaders } from '../src/core/headers.ts'
import { silentLogger } from '../src/index.ts'
import { MockProcessorContext } from '../src/testing/index.ts'
import { type Detected, detectProcessor } from '../topologies/alerting/detect-processor.ts'
import type { ObservationRecord } from '../topologies/alerting/observation-record.ts'

/**
 * What alerts cost the worker that owns them: memory of 10,000 that fire, with their states in a store in memory (on disk
 * in production), and the time of an observation, of an alert whose minute closes, and of the start with them.
 */
const keys = Number(process.argv[2] ?? 10_000)
const startMs = Date.UTC(2026, 10, 24, 8)
const minuteMs = 60_000
const sample = `2026-11-24T08:00:00Z ERROR checkout: ${'no stock for the order '.repeat(10)}`

const supplier = detectProcessor({
  name: 'detect',
  rules: [
    rule({
      name: 'errors',
      kind: 'ratio',
      groupBy: ['service'],
      bad: "level == 'error'",
      window: '10m',
      every: '1m',
      fire: '> 20 %',
    }),
  ],
  silentAfterMs: 5 * minuteMs,
  watchesSources: false,
  statesMax: 100_000,
  logger: silentLogger,
})

const context = new MockProcessorContext<string, Detected>({ stores: supplier.stores ?? [] })
let nowMs = startMs
context.currentSystemTimeMs = () => nowMs

function started() {
  const processor = supplier.create()
  processor.init?.(context)
  const punctuation = context.punctuations.at(-1)
  return {
    write: (key: string, value: ObservationRecord) =>
      void processor.process({ key, value, timestamp: nowMs, headers: noHeaders }),
    second: () => void punctuation?.punctuate((nowMs += 1000)),
  }
}

function usedMb(): number {
  globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return (heapUsed + arrayBuffers) / 2 ** 20
}

function timed(run: () => void): number {
  const beforeMs = performance.now()
  run()
  return performance.now() - beforeMs
}

/** Alerts that changed since the last call. */
function changes(): number {
  const count = context.forwarded.filter(({ record }) => 'episode' in record.value).length
  context.forwarded.length = 0
  return count
}

const source = 'logs/0'
let worker = started()

function observeAll(minute: number): void {
  const timeMs = startMs + minute * minuteMs
  for (let key = 0; key < keys; key++) {
    const group = [`service-${key}`]
    const rules = { errors: [{ timeMs, count: 10, bad: 5, sample }] }
    worker.write(`service="service-${key}"`, { source, reachedMs: timeMs, group, rules })
  }
}

/** Until nothing is due any longer: so many are advanced at once. */
function tick(minute: number): number {
  let slowestMs = 0
  worker.write(source, { source, reachedMs: startMs + minute * minuteMs, isIdle: false })
  for (let second = 0; second < keys / 400; second++)
    slowestMs = Math.max(
      slowestMs,
      timed(() => worker.second()),
    )
  return slowestMs
}

for (let second = 0; second < 20; second++) worker.second()
worker.write(source, { source, reachedMs: startMs, isIdle: false })
const beforeMb = usedMb()
observeAll(0)
const fired = changes()
if (fired !== keys) throw new Error(`${fired} alerts fire in place of ${keys}`)
for (let minute = 1; minute < 12; minute++) {
  observeAll(minute)
  tick(minute)
  context.forwarded.length = 0
}
const memoryMb = usedMb() - beforeMb
const observedMs = timed(() => observeAll(12))
const closedMs = timed(() => void tick(14))
const slowestMs = tick(15)
context.forwarded.length = 0
worker = started()
const startedMs = timed(() => worker.second())

console.log(`${keys} alerts fire, each with three lines of ${sample.length} characters, ten buckets`)
console.log(`memory               ${memoryMb.toFixed(1)} MB, the store included`)
console.log(`an observation       ${((observedMs * 1000) / keys).toFixed(1)} us`)
console.log(
  `a minute that closes ${((closedMs * 1000) / keys).toFixed(1)} us an alert; at most ${slowestMs.toFixed(0)} ms at once`,
)
console.log(`start with all       ${startedMs.toFixed(0)} ms`)
if (keys <= 10_000 && memoryMb > 100) throw new Error('10,000 firing alerts take more than 100 MB')
