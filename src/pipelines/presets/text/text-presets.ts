import { nearestOf } from '../../../core/unknown-names.ts'
import { type CompiledFamily, compileFamily } from './compile-preset.ts'
import { access } from './families/access.ts'
import { bracketed } from './families/bracketed.ts'
import { isoLoose, isoPrograms } from './families/iso-programs.ts'
import { java } from './families/java.ts'
import { numbered } from './families/numbered.ts'
import { others } from './families/others.ts'
import { syslog } from './families/syslog.ts'
import { digits, type PresetFamily } from './preset.ts'

/** Presets that belong together have a name together too: steps such as `syslog` and `access` ask for them by it. */
const groups: Readonly<Record<string, readonly PresetFamily[]>> = {
  iso: [{ first: digits, lead: '%{ISO:time}(?![\\w])', presets: [...isoPrograms, ...java, ...isoLoose] }],
  bracketed,
  syslog,
  others,
  access,
  numbered,
}

const characters = 128

/** For each first character of a line the families that it may belong to, in their order; the last list is for all others. */
export type PresetTable = readonly (readonly CompiledFamily[])[]

/**
 * The presets of those names, or of groups of those names, without names all. Throws a RangeError for an unknown name.
 */
export function presetTable(names?: readonly string[]): PresetTable {
  const table: CompiledFamily[][] = Array.from({ length: characters + 1 }, () => [])
  for (const family of chosenFamilies(names)) {
    const compiled = compileFamily(family)
    for (const [code, list] of table.entries()) {
      if (family.first === undefined || (code < characters && family.first.includes(String.fromCharCode(code)))) {
        list.push(compiled)
      }
    }
  }
  return table
}

export function familiesOf(table: PresetTable, line: string): readonly CompiledFamily[] {
  const code = line.charCodeAt(0)
  return table[code < characters ? code : characters] ?? []
}

/** The names that may be asked for. */
function presetNames(): readonly string[] {
  return [...Object.keys(groups), ...allFamilies().flatMap(({ presets }) => presets.map(({ name }) => name))]
}

function allFamilies(): readonly PresetFamily[] {
  return Object.values(groups).flat()
}

function chosenFamilies(names: readonly string[] | undefined): readonly PresetFamily[] {
  if (names === undefined) return allFamilies()
  const known = new Set(presetNames())
  const unknown = names.find((name) => !known.has(name))
  if (unknown !== undefined) {
    const nearest = nearestOf(unknown, [...known])
    const fix = nearest === undefined ? `choose one of ${[...known].sort().join(', ')}` : `did you mean ${nearest}?`
    throw new RangeError(`there is no format '${unknown}': ${fix}`)
  }
  const wanted = new Set(names)
  return Object.entries(groups).flatMap(([group, families]) => {
    if (wanted.has(group)) return families
    return families
      .map((family) => ({ ...family, presets: family.presets.filter(({ name }) => wanted.has(name)) }))
      .filter(({ presets }) => presets.length > 0)
  })
}
