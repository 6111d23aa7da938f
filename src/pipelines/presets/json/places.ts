import { type FieldPath, fieldPath } from '../../field-path.ts'
import { copiedNames, type CopiedName, type DurationUnit, type JsonPreset, type Places } from './json-preset.ts'
import { firstNamesOf } from './member-test.ts'
import { unitlessDurations, usualDurations, usualNames } from './usual-names.ts'

/** What a place gives a value to. */
export type Target = 'time' | 'level' | 'message' | 'durationMs' | 'started' | CopiedName
export const targets: readonly Target[] = ['time', 'level', 'message', 'durationMs', 'started', ...copiedNames]

/** One path at which the value of a target may stand. */
export interface Place {
  /** Index in `targets`. */
  readonly target: number
  /** Of two places that hold a value, the lower rank counts. */
  readonly rank: number
  readonly path: FieldPath
  /** The whole path is the name of one member. */
  readonly isMember: boolean
  /** Of numbers of a duration; undefined: only text with a unit is one. */
  readonly unitMs: number | undefined
}

/** By the name of a member of the record: all places that begin there. */
export type PlaceTable = ReadonlyMap<string, readonly Place[]>

const unitMs: Readonly<Record<DurationUnit, number>> = { ns: 1e-6, us: 1e-3, ms: 1, s: 1000 }
const usualRank = 1000

/** The places of a preset, and behind them the usual ones. */
export function placeTable(preset: Partial<JsonPreset>): PlaceTable {
  const table = new Map<string, Place[]>()
  const add = (target: Target, rank: number, text: string, unit?: DurationUnit): void => {
    const path = fieldPath(text)
    for (const name of firstNamesOf(path)) {
      const place: Place = {
        target: targets.indexOf(target),
        rank,
        path,
        isMember: name === path.text,
        unitMs: unit === undefined ? undefined : unitMs[unit],
      }
      const places = table.get(name)
      if (places === undefined) table.set(name, [place])
      else places.push(place)
    }
  }
  const addAll = (target: Target, from: number, places: Places | undefined, unit?: DurationUnit): void => {
    if (places === undefined) return
    for (const [index, text] of (typeof places === 'string' ? [places] : places).entries()) {
      add(target, from + index, text, unit)
    }
  }
  for (const name of ['time', 'level', 'message', ...copiedNames] as const) {
    addAll(name, 0, preset[name])
    addAll(name, usualRank, usualNames[name])
  }
  addAll('started', 0, preset.started)
  addAll('durationMs', 0, preset.duration, preset.durationUnit)
  for (const unit of ['ms', 's', 'ns', 'us'] as const) addAll('durationMs', usualRank, usualDurations[unit], unit)
  addAll('durationMs', 2 * usualRank, unitlessDurations)
  return table
}
