import type { AlertChange } from '../alert-change.ts'
import { compileMatch, factOf, type Match, type Matcher, mayMeanTheSame } from './matcher.ts'

/** While an alert of `source` fires, alerts of `target` are not sent where all names in `equal` have equal values. */
export interface InhibitionDefinition {
  /** In small letters, digits and hyphens. */
  readonly name: string
  /** Alerts that silence others. */
  readonly source: Match
  /** Alerts that are silenced. */
  readonly target: Match
  /** Names as in `Match`. Empty: any source silences every target. */
  readonly equal?: readonly string[]
}

/** An inhibition that can be asked. */
export interface Inhibition {
  readonly name: string
  readonly isSource: Matcher
  readonly isTarget: Matcher
  readonly equal: readonly string[]
  /** Earlier ones that may silence each other in a circle with this one: it silences none of their sources. */
  readonly yieldsTo: readonly Matcher[]
}

/** Keys of the alerts that fire as sources, in one row per inhibition and values of `equal`. */
export type SourceRow = readonly string[]

/** In a circle all would be silent: there the alerts of the first inhibition are sent. */
export function compileInhibitions(definitions: readonly InhibitionDefinition[]): readonly Inhibition[] {
  const reached = definitions.map((from) => reachedFrom(definitions, from))
  const sources = definitions.map(({ source }) => compileMatch(source))
  return definitions.map(({ name, target, equal = [] }, index) => {
    const isCircle = (other: number): boolean =>
      reached[index]?.has(other) === true && reached[other]?.has(index) === true
    return Object.freeze({
      name,
      isSource: sources[index] as Matcher,
      isTarget: compileMatch(target),
      equal,
      yieldsTo: sources.filter((_, other) => other < index && isCircle(other)),
    })
  })
}

/** The inhibitions whose sources this one may silence, by itself or by way of others. */
function reachedFrom(all: readonly InhibitionDefinition[], from: InhibitionDefinition): ReadonlySet<number> {
  const reached = new Set<number>()
  const waiting = [from]
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    const { target } = one
    for (const [index, next] of all.entries()) {
      if (reached.has(index) || !mayMeanTheSame(target, next.source)) continue
      reached.add(index)
      waiting.push(next)
    }
  }
  return reached
}

/**
 * The rows of the table of sources in which the alert is listed while it fires. The severity of an alert may change: a row
 * that is listed with `isSource` false must not have the alert any more.
 */
export function sourceRowsOf(
  inhibitions: readonly Inhibition[],
  change: AlertChange,
): readonly { readonly row: string; readonly isSource: boolean }[] {
  const isFiring = change.status === 'firing' || change.status === 'no-data'
  return inhibitions.map((inhibition) => ({
    row: rowOf(inhibition, change),
    isSource: isFiring && inhibition.isSource(change),
  }))
}

/** Alerts of a row: one is enough to silence, and each change writes all of it. */
const sourcesMax = 1000

/** A row after a change; empty: delete it. A row that is full takes no more. */
export function nextSourceRow(row: SourceRow, alert: string, isSource: boolean): SourceRow {
  const others = row.filter((key) => key !== alert)
  return isSource && others.length < sourcesMax ? [...others, alert] : others
}

/** The name of the inhibition that silences the alert now. An alert that is a source itself is never silenced by it. */
export function inhibitionOf(
  inhibitions: readonly Inhibition[],
  change: AlertChange,
  sourcesOf: (row: string) => SourceRow,
): string | undefined {
  const found = inhibitions.find(
    (inhibition) =>
      inhibition.isTarget(change) &&
      !inhibition.isSource(change) &&
      !inhibition.yieldsTo.some((isSource) => isSource(change)) &&
      sourcesOf(rowOf(inhibition, change)).some((key) => key !== change.key),
  )
  return found?.name
}

function rowOf({ name, equal }: Inhibition, change: AlertChange): string {
  return JSON.stringify([name, ...equal.map((fact) => factOf(change, fact))])
}
