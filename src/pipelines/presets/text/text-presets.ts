import { type CompiledFamily, compileFamily } from './compile-preset.ts'
import { access } from './families/access.ts'
import { bracketed } from './families/bracketed.ts'
import { isoLoose, isoPrograms } from './families/iso-programs.ts'
import { java } from './families/java.ts'
import { others } from './families/others.ts'
import { syslog } from './families/syslog.ts'
import { digits, type PresetFamily } from './preset.ts'

const families: readonly PresetFamily[] = [
  { first: digits, lead: '%{ISO:time}(?![\\w])', presets: [...isoPrograms, ...java, ...isoLoose] },
  ...bracketed,
  ...syslog,
  ...others,
  ...access,
]

const characters = 128

/** For each first character of a line the families that it may belong to, in their order; the last is for all others. */
export const familiesByFirst: readonly (readonly CompiledFamily[])[] = byFirst()

function byFirst(): readonly (readonly CompiledFamily[])[] {
  const table: CompiledFamily[][] = Array.from({ length: characters + 1 }, () => [])
  for (const family of families) {
    const compiled = compileFamily(family)
    for (const [code, list] of table.entries()) {
      if (family.first === undefined || (code < characters && family.first.includes(String.fromCharCode(code)))) {
        list.push(compiled)
      }
    }
  }
  return table
}

export function familiesOf(line: string): readonly CompiledFamily[] {
  const code = line.charCodeAt(0)
  return familiesByFirst[code < characters ? code : characters] ?? []
}
