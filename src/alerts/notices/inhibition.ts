import type { AlertChange } from '../alert-change.ts'
import { compileMatch, factOf, type Match, type Matcher } from './matcher.ts'

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
}

/** Keys of the alerts that fire as sources, in one row per inhibition and values of `equal`. */
export type SourceRow = readonly string[]

export function compileInhibition({ name, source, target, equal = [] }: InhibitionDefinition): Inhibition {
  return Object.freeze({ name, isSource: compileMatch(source), isTarget: compileMatch(target), equal })
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
      sourcesOf(rowOf(inhibition, change)).some((key) => key !== change.key),
  )
  return found?.name
}

function rowOf({ name, equal }: Inhibition, change: AlertChange): string {
  return JSON.stringify([name, ...equal.map((fact) => factOf(change, fact))])
}
