import { MillraceError } from '../../../core/errors.ts'
import type { Point } from '../../../detection/index.ts'

/** Which points of a source are wanted. */
export interface PointRange {
  /** Names of numbers; undefined: all numbers of the first point. */
  readonly features: readonly string[] | undefined
  readonly fromMs: number
  /** Not read any more. */
  readonly toMs: number
}

const pointsMax = 2_000_000
const mistakesMax = 20
const timeNames = ['timeMs', 'timestamp', 'time', 'startMs', 'ts', 'date']
/** Never a number to learn from, where nobody names the numbers. */
const otherTimes = ['endMs']

/** Gathers points of records or lines, and all that is wrong with them. */
export class PointCollector {
  readonly #range: PointRange
  readonly #points: Point[] = []
  readonly #mistakes: string[] = []
  #mistakeCount = 0
  #features: readonly string[] | undefined
  /** Names of features that a point had. */
  readonly #seen = new Set<string>()
  #firstNumbers: readonly string[] | undefined

  constructor(range: PointRange) {
    this.#range = range
    this.#features = range.features
  }

  /** Adds what members say. `place` is what a mistake is called by; `otherwiseMs`: the time of a record without one. */
  add(place: string, members: Readonly<Record<string, unknown>>, otherwiseMs?: number): void {
    const flat = flattened(members)
    const timeName = timeNames.find((name) => flat[name] !== undefined)
    const timeMs = timeName === undefined ? otherwiseMs : timeOf(flat[timeName])
    if (timeMs === undefined || Number.isNaN(timeMs)) {
      const found = timeName === undefined ? 'there is no time' : `${timeName} is ${shown(flat[timeName])}`
      this.#mistake(`${place}: ${found}: give ${timeName ?? timeNames.join(' or ')} as ISO 8601 or epoch milliseconds`)
      return
    }
    this.#firstNumbers ??= numbersOf(flat)
    this.#features ??= this.#firstNumbers
    const values = this.#features.map((name) => this.#numberOf(place, name, flat))
    if (timeMs < this.#range.fromMs || timeMs >= this.#range.toMs) return
    if (this.#points.length >= pointsMax) {
      const text = `there are more than ${pointsMax} points: give a shorter time with --from and --to`
      throw new MillraceError('POINTS_UNREADABLE', 'fatal', text)
    }
    this.#points.push({ timeMs, values })
  }

  /** Notes that a line or record is none at all. */
  unreadable(place: string, what: string): void {
    this.#mistake(`${place}: ${what}`)
  }

  /** Throws POINTS_UNREADABLE with everything that was wrong, or where there is no point. */
  finish(source: string): { readonly features: readonly string[]; readonly points: readonly Point[] } {
    const features = this.#features ?? []
    if (this.#mistakeCount > 0) {
      const left = this.#mistakeCount - this.#mistakes.length
      const lines = [...this.#mistakes, ...(left > 0 ? [`and ${left} more`] : [])]
      throw new MillraceError('POINTS_UNREADABLE', 'fatal', lines.join('\n'), { details: { problems: lines } })
    }
    if (features.length > 0 && this.#points.length > 0) {
      this.#refuseUnknown(source, features)
      return { features, points: this.#points }
    }
    const what = this.#points.length > 0 ? 'no numbers: name them with --features' : 'no points: check --from and --to'
    throw new MillraceError('POINTS_UNREADABLE', 'fatal', `${source} has ${what}`)
  }

  #refuseUnknown(source: string, features: readonly string[]): void {
    const unknown = features.filter((name) => !this.#seen.has(name))
    if (unknown.length < features.length) return
    const numbers = this.#firstNumbers?.join(', ') || 'none'
    const text = `no point of ${source} has ${unknown.join(' or ')}: the first point has the numbers ${numbers}`
    throw new MillraceError('POINTS_UNREADABLE', 'fatal', text, { details: { unknown } })
  }

  #numberOf(place: string, name: string, flat: Readonly<Record<string, unknown>>): number {
    const value = flat[name]
    if (name in flat) this.#seen.add(name)
    if (value === null || value === undefined || value === '') return Number.NaN
    const number = typeof value === 'number' ? value : typeof value === 'string' ? Number(value) : Number.NaN
    if (!Number.isNaN(number) || value === 'NaN') return number
    this.#mistake(`${place}: ${name} is ${shown(value)}: give a number, or nothing where it is missing`)
    return Number.NaN
  }

  #mistake(text: string): void {
    this.#mistakeCount++
    if (this.#mistakes.length < mistakesMax) this.#mistakes.push(text)
  }
}

/** Members of members are called `latency.p95`. */
function flattened(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const flat: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(members)) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) flat[name] = value
    else for (const [inner, one] of Object.entries(value)) flat[`${name}.${inner}`] = one
  }
  return flat
}

function numbersOf(flat: Readonly<Record<string, unknown>>): readonly string[] {
  const isNumber = (value: unknown): boolean =>
    typeof value === 'number' || (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)))
  return Object.keys(flat).filter((name) => ![...timeNames, ...otherTimes].includes(name) && isNumber(flat[name]))
}

/** Epoch milliseconds or seconds, or ISO 8601; a time without a zone is UTC. NaN: it is none. */
function timeOf(value: unknown): number {
  const number = typeof value === 'number' ? value : Number(value)
  if (Number.isFinite(number) && value !== '') return Math.abs(number) < secondsBelow ? number * 1000 : number
  if (typeof value !== 'string') return Number.NaN
  const withZone = /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(value)
    ? `${value.replace(' ', 'T')}Z`
    : value
  return /^\d{4}-\d{2}-\d{2}/.test(withZone) ? Date.parse(withZone) : Number.NaN
}

/** A number below that is one of seconds: as milliseconds it would be in 1973 or before. */
const secondsBelow = 1e11

function shown(value: unknown): string {
  const text = typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? 'undefined')
  return text.length > 60 ? `${text.slice(0, 60)}...` : text
}
