import { type FieldPath, fieldPath } from '../../field-path.ts'
import type { Fields } from '../../field-value.ts'
import { envelopes } from './envelopes.ts'
import type { JsonPreset } from './json-preset.ts'
import { loggers } from './loggers.ts'
import { memberTest, type MemberTest } from './member-test.ts'
import { placeTable, type PlaceTable } from './places.ts'
import { servers } from './servers.ts'

export interface CompiledPreset {
  readonly preset: JsonPreset
  readonly marks: readonly MemberTest[]
  readonly places: PlaceTable
  readonly inside: readonly FieldPath[]
}

function compiled(preset: JsonPreset): CompiledPreset {
  const { inside = [] } = preset
  return {
    preset,
    marks: preset.marks.map(memberTest),
    places: placeTable(preset),
    inside: (typeof inside === 'string' ? [inside] : inside).map(fieldPath),
  }
}

/** Those with the clearest marks first: of two that fit, the first is the right one. */
const presets: readonly CompiledPreset[] = [...envelopes, ...servers, ...loggers].map(compiled)
/** For records that no preset knows: the usual names alone. */
export const anyPreset = compiled({ name: 'json', marks: [] })

/** Presets by each name that their first mark may begin with. */
const byFirstName = new Map<string, number[]>()
for (const [index, { marks }] of presets.entries()) {
  for (const name of marks[0]?.firstNames ?? []) {
    const indices = byFirstName.get(name)
    if (indices === undefined) byFirstName.set(name, [index])
    else indices.push(index)
  }
}

/** The preset that a record has the marks of. It depends on the record alone: a wrong guess cannot stick. */
export function presetOf(fields: Fields): CompiledPreset {
  let best = presets.length
  for (const name in fields) {
    const indices = byFirstName.get(name)
    if (indices === undefined) continue
    for (const index of indices) {
      if (index >= best) break
      if ((presets[index] as CompiledPreset).marks.every((mark) => mark.test(fields))) best = index
    }
  }
  return presets[best] ?? anyPreset
}
