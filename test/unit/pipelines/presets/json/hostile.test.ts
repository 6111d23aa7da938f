import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { createLogReader } from '../../../../../src/pipelines/read-log.ts'
import { bestOfMs } from '../../../../support/best-of.ts'

const length = 1_000_000
const runs = ['1', ' ', '{a}', '{', 'a.', ':', '1ms', '[', '\n', 'Error: ', '/']
const samples = readFileSync(join(import.meta.dirname, '../../../../data/json-presets.ndjson'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { readonly preset: string; readonly record: Readonly<Record<string, unknown>> })

/** A record whose text members are all runs of one text, a megabyte together. */
function filled(record: Readonly<Record<string, unknown>>, run: string): string {
  const texts = Object.keys(record).filter((name) => typeof record[name] === 'string')
  const text = run.repeat(length / texts.length / run.length)
  return JSON.stringify({ ...record, ...Object.fromEntries(texts.map((name) => [name, text])) }).slice(0, 1024 * 1024)
}

describe('a megabyte of one text in a record holds the loop for less than 50 ms', () => {
  const chosen = ['clef', 'serilog', 'pino', 'gcp', 'azure', 'ecs', 'nginx', 'envoy', 'rsyslog', 'journald']
  test.each(runs)('%j', (run) => {
    for (const { preset, record } of samples) {
      if (!chosen.includes(preset)) continue
      const bytes = Buffer.from(filled(record, run))
      const ms = bestOfMs(() => createLogReader().read(bytes, 0, 'source'), 50)
      expect([preset, ms < 50]).toEqual([preset, true])
    }
  })
})
