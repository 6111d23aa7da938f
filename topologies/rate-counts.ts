import { logLevels, type LogLevel } from '../schemas/log-record.ts'

/** What one window counted. */
export interface RateCounts {
  /** By level, in the order of `logLevels`. */
  readonly levels: number[]
  /** Durations by bucket: eight buckets for each doubling, from 1 ms to over 4 minutes. */
  readonly durations: number[]
  /** By component, where a log names one. */
  readonly components: Map<string, number>
}

/** What is counted of a log. */
export interface CountedLog {
  readonly level: LogLevel
  readonly component?: string | undefined
  readonly durationMs?: number | undefined
}

const bucketsPerDouble = 8
const doubles = 18
export const lastBucket = bucketsPerDouble * doubles
/** Rounding errors of a logarithm put no power of two into the next bucket. */
const slack = 1e-9
/** Of a service in one window; more, and those with longer names, count as `otherName`. */
const componentsMax = 20
const nameLengthMax = 80
const otherName = 'other'
const levelIndexes = Object.fromEntries(logLevels.map((level, index) => [level, index])) as Record<LogLevel, number>

export function emptyCounts(): RateCounts {
  return { levels: zeros(logLevels.length), durations: zeros(lastBucket + 1), components: new Map() }
}

/** Counts one log, in place. */
export function countLog({ levels, durations, components }: RateCounts, log: CountedLog): void {
  const { component, durationMs } = log
  increment(levels, levelIndexes[log.level])
  if (component !== undefined) addComponent(components, component, 1)
  if (durationMs !== undefined && durationMs >= 0) increment(durations, bucketOf(durationMs))
}

/** The counts of both. */
export function addCounts(counts: RateCounts, more: RateCounts): RateCounts {
  const components = new Map<string, number>()
  counts.components.forEach((count, name) => components.set(name, count))
  more.components.forEach((count, name) => addComponent(components, name, count))
  return { levels: sums(counts.levels, more.levels), durations: sums(counts.durations, more.durations), components }
}

export function totalOf({ levels }: RateCounts): number {
  return levels.reduce((sum, count) => sum + count, 0)
}

export function errorsOf({ levels }: RateCounts): number {
  return (levels[levelIndexes.error] ?? 0) + (levels[levelIndexes.critical] ?? 0)
}

/** Upper bounds of the buckets that have durations, in milliseconds and in rising order, each with its count. */
export function durationBuckets({ durations }: RateCounts): readonly (readonly [upToMs: number, count: number])[] {
  return durations.flatMap((count, bucket) => (count === 0 ? [] : [[upperMs(bucket), count] as const]))
}

/**
 * The upper bound of the bucket below which the share of durations lies, in milliseconds; 0 where none was reported.
 */
export function durationQuantile(counts: RateCounts, share: number): number {
  const buckets = durationBuckets(counts)
  const target = buckets.reduce((sum, [, count]) => sum + count, 0) * share
  let seen = 0
  for (const [upToMs, count] of buckets) {
    seen += count
    if (seen >= target) return upToMs
  }
  return 0
}

function bucketOf(durationMs: number): number {
  if (durationMs <= 1) return 0
  return Math.min(lastBucket, Math.ceil(Math.log2(durationMs) * bucketsPerDouble - slack))
}

/** As people read it: a whole number from 100 on, two digits behind the point below. */
function upperMs(bucket: number): number {
  const exact = 2 ** (bucket / bucketsPerDouble)
  return exact >= 100 ? Math.round(exact) : Math.round(exact * 100) / 100
}

function addComponent(components: Map<string, number>, name: string, count: number): void {
  const isKept = components.has(name) || (components.size < componentsMax && name.length <= nameLengthMax)
  const kept = isKept ? name : otherName
  components.set(kept, (components.get(kept) ?? 0) + count)
}

function zeros(length: number): number[] {
  return new Array<number>(length).fill(0)
}

function increment(counts: number[], index: number): void {
  counts[index] = (counts[index] ?? 0) + 1
}

function sums(counts: readonly number[], more: readonly number[]): number[] {
  const all = counts.slice()
  for (let index = 0; index < all.length; index++) all[index] = (all[index] ?? 0) + (more[index] ?? 0)
  return all
}
