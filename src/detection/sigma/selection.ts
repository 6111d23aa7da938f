import { fieldTest, type Placeholders } from './field-test.ts'
import { SigmaMistake } from './sigma-mistake.ts'
import { everyOf, type SigmaTest, someOf } from './sigma-test.ts'

/** Values without a field are anywhere in the event. */
const keywords = '|contains'

/** What a named part of a detection says: fields that are all met, or a list of which one is. Throws a SigmaMistake. */
export function selectionTest(name: string, selection: unknown, placeholders: Placeholders): SigmaTest {
  if (Array.isArray(selection)) {
    if (selection.length === 0) throw new SigmaMistake(`${name} is an empty list`)
    return someOf(selection.map((one: unknown) => selectionTest(name, one, placeholders)))
  }
  if (typeof selection !== 'object' || selection === null) return fieldTest(keywords, selection, placeholders)
  const entries = Object.entries(selection)
  if (entries.length === 0) throw new SigmaMistake(`${name} names no field`)
  return everyOf(
    entries.map(([key, value]) => {
      const isKeyword = key === '' || key.startsWith('|')
      return fieldTest(isKeyword && !/\|(re|contains)\b/.test(key) ? `${key}${keywords}` : key, value, placeholders)
    }),
  )
}
