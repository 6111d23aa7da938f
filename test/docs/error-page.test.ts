import { readdirSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { errorPage } from '../../scripts/docs/error-page.ts'
import { lintRules } from '../../src/cli/lint/lint-rules.ts'
import { errorRooms } from '../../src/core/error-codes/catalog.ts'
import { kafkaErrorGroups } from '../../src/core/error-codes/kafka-protocol.ts'
import type { ErrorRow } from '../../src/core/error-codes/row.ts'
import { readText, tableRows } from './markdown.ts'

const rows: readonly (readonly [string, ErrorRow])[] = errorRooms.flatMap((room) => Object.entries(room.rows))
const codes = rows.map(([code]) => code)
const kafkaNames = kafkaErrorGroups.flatMap(({ errors }) => errors.map(([, name]) => name as string))

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.includes('error-codes/'))
  .map((name) => readText(`src/${name}`))

/** What stands in the sources where a pattern has its groups. */
function found(pattern: RegExp): readonly (readonly string[])[] {
  return sources.flatMap((text) => [...text.matchAll(pattern)].map((match) => match.slice(1)))
}

test('docs/errors.md is what `npm run docs:errors` writes', () => {
  expect(readText('docs/errors.md')).toBe(errorPage())
})

test('every row of docs/errors.md says when, what happens next and what to do', () => {
  const gaps = tableRows(readText('docs/errors.md')).filter((cells) => cells.length !== 4 || cells.includes(''))
  expect(gaps).toEqual([])
})

test('a code has one row, and is not a name of Kafka’s', () => {
  const all = [...codes, ...kafkaNames]
  expect(all.filter((code, index) => all.indexOf(code) !== index)).toEqual([])
})

test('every code of the catalog is used', () => {
  const used = new Set(found(/'([A-Z][A-Z_]+)'|^ {2}([A-Z][A-Z_]+): /gm).flat())
  expect(codes.filter((code) => !used.has(code))).toEqual([])
})

test('an error is thrown with a consequence of its row', () => {
  const thrown = found(/new MillraceError\(\s*'([A-Z_]+)',\s*'([a-z-]+)'/g)
  expect(thrown.length).toBeGreaterThan(150)
  const known = new Map(rows.map(([code, { consequence }]) => [code, [consequence].flat() as readonly string[]]))
  const others = thrown.filter(([code = '', consequence = '']) => known.get(code)?.includes(consequence) === false)
  expect(others).toEqual([])
})

test('codes that sinks and stores report without an error have a row too', () => {
  // A rule of `millrace lint` is known by its code too; `millrace lint --help` has them.
  const known = new Set([...codes, ...kafkaNames, ...lintRules.map(({ code }) => code)])
  const told = found(/\bcode: (?:\w+ \? )?'([A-Z]+_[A-Z_]+)'(?: : '([A-Z]+_[A-Z_]+)')?/g).flat()
  expect(told.length).toBeGreaterThan(5)
  expect(told.filter((code) => code !== undefined && !known.has(code))).toEqual([])
})

const sentence = String.raw`(?:new MillraceError(?:<[^>]*>)?\(\s*'[A-Z_]+',\s*'[a-z-]+',|buildError\(\s*'[A-Z_]+',|illegalArgument\(|topologyInvalid\()`

test('sentences of errors begin small, have a colon before the fix, names without quotes and no backticks', () => {
  const sentences = found(new RegExp(`${sentence}\\s*(\`(?:[^\`\\\\]|\\\\.)*\`|'[^']*'|"[^"]*")`, 'g'))
    .flat()
    .map((text) => text.replaceAll(/\.join\([^)]*\)/g, ''))
  expect(sentences.length).toBeGreaterThan(150)
  expect(sentences.filter((text) => /^.[A-Z][a-z]|; |"\$\{|\\`|\. [A-Z]/.test(text))).toEqual([])
})
