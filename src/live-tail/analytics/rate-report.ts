/** What a worker counted of the logs of a service in one window, as its topic has it. */
export interface RateReport {
  readonly service: string
  /** Who counted: another worker may report on other logs of the same service. */
  readonly worker: string
  readonly startMs: number
  readonly endMs: number
  readonly total: number
  readonly errors: number
  readonly levels: Counts
  /** Logs that name a component, by its name. */
  readonly components: Counts
  /** How many durations were up to so many milliseconds and above the bound before, in rising order. */
  readonly durations: Counts<number>
}

/** Names or bounds with their counts. */
export type Counts<Key = string> = readonly (readonly [Key, number])[]

/** Of levels, components or durations of one report. */
const entriesMax = 256
const nameLengthMax = 200
const none: Counts<never> = Object.freeze([])

/**
 * Reads the value of a record of the rate topic: `key` (the service), `startMs`, `endMs`, `total` and `errors`, and where
 * they are there `worker`, `levels`, `components` and `durations`. Undefined: it is no report.
 */
export function readRateReport(value: Uint8Array): RateReport | undefined {
  const report = objectOf(value)
  if (report === undefined) return undefined
  const { key, worker = '', startMs, endMs, total, errors, levels, components, durations } = report
  if (!isName(key) || !isName(worker) || !isCount(startMs) || !isCount(endMs) || endMs <= startMs) return undefined
  if (!isCount(total) || !isCount(errors) || errors > total) return undefined
  return {
    service: key,
    worker,
    startMs,
    endMs,
    total,
    errors,
    levels: namedCounts(levels),
    components: namedCounts(components),
    durations: durationCounts(durations),
  }
}

/** A JSON object; undefined: it is none. */
export function objectOf(value: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString())
    return isObject(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

/** A text that is not longer than a name. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= nameLengthMax
}

/** A whole number from 0 on. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function namedCounts(value: unknown): Counts {
  if (!isObject(value)) return none
  const entries = Object.entries(value).slice(0, entriesMax)
  return entries.filter((entry): entry is [string, number] => isName(entry[0]) && isCount(entry[1]))
}

function durationCounts(value: unknown): Counts<number> {
  if (!Array.isArray(value)) return none
  const pairs = value.slice(0, entriesMax).filter((pair): pair is [number, number] => {
    return Array.isArray(pair) && Number.isFinite(pair[0]) && isCount(pair[1])
  })
  return pairs
}
