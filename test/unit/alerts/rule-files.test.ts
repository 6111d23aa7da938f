import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { loadRules, runAlertExamples } from '../../../src/alerts/index.ts'

const folder = new URL('../../../alerts/', import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))

describe.each(files)('%s', (file) => {
  const rules = loadRules(readFileSync(new URL(file, folder), 'utf8'), file)

  test.each(rules)('$name has an example that fires, and one that does not', ({ definition: { examples = [] } }) => {
    expect(examples.some(({ expect: expected }) => expected.some(({ status }) => status === 'firing'))).toBe(true)
    expect(examples.some(({ expect: expected }) => expected.length === 0)).toBe(true)
  })

  const results = runAlertExamples(rules)

  test.each(results)('$rule: $example.name', ({ differences }) => {
    expect(differences).toEqual([])
  })
})
