import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { checkOutput, type LevelCounts } from '../../../bench/log-parsers/checked-output.ts'
import { writeLines } from '../../../bench/log-parsers/line-source.ts'
import { sourceNames } from '../../../bench/log-parsers/peer.ts'
import { createLogReader, type Level } from '../../../src/pipelines/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-peers-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the lines that peers are compared on', () => {
  test.each(sourceNames)('have a time and the level that is claimed for them: %s', (source) => {
    const file = join(folder, `${source}.log`)
    const expected = writeLines(source, 200, file)
    const reader = createLogReader()
    const found: LevelCounts = new Map()
    for (const line of readFileSync(file, 'utf8').trimEnd().split('\n')) {
      const [event] = reader.read(line, Date.parse('2026-11-24T08:00:00Z'), source)
      expect(event?.fields.timestamp).toBeGreaterThanOrEqual(Date.parse('2026-11-24T07:00:00Z'))
      const level = (event?.fields.level ?? 'info') as Level
      found.set(level, (found.get(level) ?? 0) + 1)
    }
    expect(found).toEqual(expected)
  })
})

describe('the documents of a peer', () => {
  const file = join(folder, 'documents.jsonl')
  const expected: LevelCounts = new Map([
    ['info', 1],
    ['warn', 1],
  ])

  test('may have another order', () => {
    writeFileSync(file, '{"level":"warn","timestamp":1}\n{"level":"info","timestamp":0}\n')
    expect(() => checkOutput(file, expected)).not.toThrow()
  })

  test.each([
    ['one is missing', '{"level":"warn","timestamp":1}\n'],
    ['one has another level', '{"level":"warn","timestamp":1}\n{"level":"error","timestamp":0}\n'],
    ['one has no time', '{"level":"warn","timestamp":1}\n{"level":"info"}\n'],
  ])('do not count where %s', (_, documents) => {
    writeFileSync(file, documents)
    expect(() => checkOutput(file, expected)).toThrow(/levels|timestamp/)
  })
})
