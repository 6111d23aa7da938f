import { levels } from '../../pipelines/levels/level.ts'
import type { RateReport } from './rate-report.ts'

/** A report as it is kept: lists of numbers, and names that reports share. */
export interface HeldReport {
  readonly service: string
  readonly startMs: number
  readonly total: number
  readonly errors: number
  /** In the order of `levels`. */
  readonly levels: readonly number[]
  /** `service / component`, and the service alone for logs that name none. */
  readonly components: readonly string[]
  /** Of each component. */
  readonly componentCounts: readonly number[]
  /** By turns the index of a bound, and how many durations are up to it. */
  readonly durations: readonly number[]
}

const namesMax = 20_000
const boundsMax = 1024

/** What reports have in common: names, and bounds of durations. */
export class SharedParts {
  /** Upper bounds of durations in milliseconds, as they came. */
  readonly boundsMs: number[] = []
  readonly #bounds = new Map<number, number>()
  readonly #names = new Map<string, string>()

  held({ service, startMs, total, errors, levels: byLevel, components, durations }: RateReport): HeldReport {
    const counts = new Map(byLevel)
    const unnamed = total - components.reduce((sum, [, count]) => sum + count, 0)
    const rows = components.map(([name, count]): [string, number] => [`${service} / ${name}`, count])
    if (unnamed > 0) rows.push([service, unnamed])
    return {
      service: this.#shared(service),
      startMs,
      total,
      errors,
      levels: levels.map((level) => counts.get(level) ?? 0),
      components: rows.map(([name]) => this.#shared(name)),
      componentCounts: rows.map(([, count]) => count),
      durations: durations.flatMap(([upToMs, count]) => [this.#boundOf(upToMs), count]),
    }
  }

  #shared(name: string): string {
    const known = this.#names.get(name)
    if (known !== undefined) return known
    // Names that reports still have come back by themselves.
    if (this.#names.size >= namesMax) this.#names.clear()
    this.#names.set(name, name)
    return name
  }

  /** Where there are too many bounds, the nearest one that is not below; or the highest. */
  #boundOf(upToMs: number): number {
    const known = this.#bounds.get(upToMs)
    if (known !== undefined) return known
    if (this.boundsMs.length < boundsMax) {
      this.#bounds.set(upToMs, this.boundsMs.length)
      return this.boundsMs.push(upToMs) - 1
    }
    const above = this.boundsMs.filter((bound) => bound >= upToMs)
    return this.boundsMs.indexOf(above.length > 0 ? Math.min(...above) : Math.max(...this.boundsMs))
  }
}

/** The sum of both, as a report of the first. */
export function sumOfHeld(one: HeldReport, other: HeldReport): HeldReport {
  return {
    ...one,
    total: one.total + other.total,
    errors: one.errors + other.errors,
    levels: one.levels.map((count, index) => count + (other.levels[index] ?? 0)),
    componentCounts: [one.total + other.total],
    durations: mergedDurations(one.durations, other.durations),
  }
}

function mergedDurations(one: readonly number[], other: readonly number[]): readonly number[] {
  const counts = new Map<number, number>()
  for (const durations of [one, other])
    for (let at = 0; at < durations.length; at += 2) {
      const bound = durations[at] ?? 0
      counts.set(bound, (counts.get(bound) ?? 0) + (durations[at + 1] ?? 0))
    }
  return [...counts].flat()
}
