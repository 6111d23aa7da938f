import { topics } from '../topics.ts'
import { brokenValue } from './broken-value.ts'
import { applicationLog, auditLog, loginFailure, performanceLog, serviceNames } from './log-shapes.ts'
import { type Random, seededRandom } from './random.ts'

export type GeneratedKind = 'normal' | 'burst' | 'duplicate' | 'late' | 'malformed' | 'brute-force'

export interface GeneratedRecord {
  readonly topic: string
  readonly key: string | null
  readonly value: Uint8Array
  /** The Kafka timestamp: when the record was sent, in epoch milliseconds. */
  readonly timestampMs: number
  readonly kind: GeneratedKind
}

export interface GeneratorOptions {
  readonly seed: number
  readonly startMs: number
  readonly ratePerSecond: number
  /** Share of records that repeat one of the last 200, byte for byte. */
  readonly duplicates: number
  /** Share of records whose event time lies 1 to 10 minutes back. */
  readonly late: number
  /** Share of records that cannot be read. */
  readonly malformed: number
}

export const defaultGeneratorOptions = Object.freeze({
  seed: 1,
  ratePerSecond: 500,
  duplicates: 0.02,
  late: 0.01,
  malformed: 0.003,
})

const repeatable = 200
/** Within each minute: an error burst of one service, then a brute-force attempt on one account. */
const burstSeconds = { from: 6, to: 16 } as const
const attackSeconds = { from: 3, to: 6 } as const

/** An endless, seeded stream of logs of all three kinds, in order of sending time. */
export function* generateLogs(options: GeneratorOptions): Generator<GeneratedRecord, never> {
  const random = seededRandom(options.seed)
  const recent: GeneratedRecord[] = []
  for (let index = 0; ; index++) {
    const timestampMs = options.startMs + Math.floor((index * 1000) / options.ratePerSecond)
    const record = next(options, random, index, timestampMs, recent)
    if (record.kind !== 'duplicate' && record.kind !== 'malformed') remember(recent, record, index)
    yield record
  }
}

function next(
  options: GeneratorOptions,
  random: Random,
  index: number,
  timestampMs: number,
  recent: readonly GeneratedRecord[],
): GeneratedRecord {
  const eventId = `${options.seed}-${index}`
  const second = Math.floor((timestampMs - options.startMs) / 1000) % 60
  if (random.chance(options.malformed)) {
    return { topic: topics.application.name, key: 'broken', value: brokenValue(random), timestampMs, kind: 'malformed' }
  }
  if (recent.length > 0 && random.chance(options.duplicates)) {
    return { ...random.pick(recent), timestampMs, kind: 'duplicate' }
  }
  const isLate = random.chance(options.late)
  const eventMs = isLate ? timestampMs - 60_000 - random.below(540_000) : timestampMs
  const kind = isLate ? 'late' : 'normal'
  if (within(second, attackSeconds) && random.chance(0.1)) {
    return encode(topics.audit.name, loginFailure(random, eventId, timestampMs), timestampMs, 'brute-force')
  }
  if (within(second, burstSeconds) && random.chance(0.3)) {
    const log = applicationLog(random, eventId, timestampMs, { service: 'payments', errorShare: 0.9 })
    return encode(topics.application.name, log, timestampMs, 'burst')
  }
  const place = random.next()
  if (place < 0.7) {
    const log = applicationLog(random, eventId, eventMs, { service: random.pick(serviceNames), errorShare: 0.01 })
    return encode(topics.application.name, log, timestampMs, kind)
  }
  if (place < 0.85) return encode(topics.audit.name, auditLog(random, eventId, eventMs), timestampMs, kind)
  return encode(topics.performance.name, performanceLog(random, eventId, eventMs), timestampMs, kind)
}

function within(second: number, range: { readonly from: number; readonly to: number }): boolean {
  return second >= range.from && second < range.to
}

function encode(
  topic: string,
  log: { readonly service: string },
  timestampMs: number,
  kind: GeneratedKind,
): GeneratedRecord {
  return { topic, key: log.service, value: Buffer.from(JSON.stringify(log)), timestampMs, kind }
}

function remember(recent: GeneratedRecord[], record: GeneratedRecord, index: number): void {
  if (recent.length < repeatable) recent.push(record)
  else recent[index % repeatable] = record
}
