import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { AuditEntry } from '../../../src/cli/audit.ts'
import { type AlertLabels, type ModelHistory, modelId, withVersion } from '../../../src/detection/index.ts'
import { json, string } from '../../../src/index.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'
import { commandLine } from '../../support/command-line.ts'
import { modelOf, usualVector } from '../detection/catalog/models.ts'

const directory = mkdtempSync(join(tmpdir(), 'millrace-detect-'))
afterAll(() => rmSync(directory, { recursive: true }))
const file = (name: string, ...lines: readonly string[]) => writeFileSync(join(directory, name), lines.join('\n'))

const id = { name: 'rates', key: 'shop' }
const startMs = Date.UTC(2026, 10, 30)
let memory: MemoryKafka
beforeEach(() => {
  const names = [
    'fastmcp-detection-models',
    'fastmcp-error-rates',
    'fastmcp-alert-changes',
    'millrace-audit',
    'fastmcp-detection-labels',
  ]
  memory = new MemoryKafka({ topics: Object.fromEntries(names.map((name) => [name, 2])) })
})
const run = (...args: string[]) => commandLine({ kafka: memory.connection, directory }).run('detect', ...args)
const models = () => memory.topic('fastmcp-detection-models', { key: string(), value: json<ModelHistory>() })
const publish = (...scales: readonly number[]) => {
  let history: ModelHistory | undefined
  for (const [index, scale] of scales.entries())
    history = withVersion(id, history, modelOf(scale), { nowMs: index, by: 'ann' })
  models().write(modelId(id), history as ModelHistory)
}
const lastHistory = () => models().read().at(-1)?.value as ModelHistory
const csv = (...more: readonly string[]) => [
  'time,total,errors,durationP95Ms',
  ...Array.from({ length: 300 }, (_, minute) =>
    [new Date(startMs + minute * 60_000).toISOString(), ...usualVector(minute)].join(','),
  ),
  ...more,
]

describe('millrace detect models', () => {
  test('shows which version is used, since when and by whom', async () => {
    publish(1, 2)
    const { exitCode, out } = await run('models')
    expect([exitCode, out]).toEqual([0, expect.stringMatching(/rates\/shop +2 +pca +600 .* ann +published +1,2\n/)])
  })

  test('leaves out what cannot be read, and says so', async () => {
    memory.topic('fastmcp-detection-models', { key: string(), value: string() }).write('rates/old', '{"name":"rates"}')
    const { out, errors } = await run('models')
    expect(out).toBe('there is no model\n')
    expect(errors).toContain('rates/old left out: the record is no history of models')
  })

  test('leaves out a history under the key of another model, and does not change that one', async () => {
    publish(1, 2)
    models().write('rates/other', lastHistory())
    expect((await run('models')).errors).toContain('rates/other left out: the record is that of rates/shop')
    expect((await run('use', 'rates/other', '1')).exitCode).toBe(2)
    expect(lastHistory().uses.at(-1)?.version).toBe(2)
  })

  test('names the topic that does not exist', async () => {
    expect((await run('models', '--models-topic', 'other')).errors).toContain('topic other does not exist')
  })
})

describe('millrace detect show', () => {
  test('shows all versions and who used them, without their bytes', async () => {
    publish(1, 2)
    expect((await run('show', 'rates/shop')).out).toMatch(/1 +pca[^]*2 +now +pca[^]*version +from +by +why/)
    const { versions } = JSON.parse((await run('show', 'rates/shop', '--json')).out) as ModelHistory
    expect(versions.map(({ bytes }) => typeof bytes)).toEqual(['number', 'number'])
  })

  test('names the command that lists the models, for one that there is not', async () => {
    expect((await run('show', 'rates/shop')).errors).toContain('no model rates/shop: millrace detect models shows')
  })
})

describe('millrace detect use and rollback', () => {
  test('choose a version, with an entry in the audit topic', async () => {
    publish(1, 2, 3)
    expect((await run('use', 'rates/shop', '1')).out).toContain('version 1 is used from now on, before it was 3')
    expect(lastHistory().uses.at(-1)).toMatchObject({ version: 1, by: 'somebody@somewhere', why: 'chosen' })
    const audit = memory.topic('millrace-audit', { key: string(), value: json<AuditEntry>() }).read()
    expect(audit.map(({ value }) => [value?.command, value?.state])).toEqual([
      ['detect use rates/shop 1', 'planned'],
      ['detect use rates/shop 1', 'done'],
    ])
  })

  test('go back to the version before', async () => {
    publish(1, 2)
    expect((await run('rollback', 'rates/shop')).out).toContain('version 1 is used from now on, before it was 2')
    expect((await run('rollback', 'rates/shop')).errors).toContain('rates/shop has no version before 1')
  })

  test('refuse a version that no worker could read, and change nothing', async () => {
    const damaged = { ...modelOf(), bytes: 'aGVsbG8=' }
    const first = withVersion(id, undefined, damaged, { nowMs: 1, by: 'ann' })
    models().write(modelId(id), withVersion(id, first, modelOf(), { nowMs: 2, by: 'ann' }))
    const { exitCode, errors } = await run('rollback', 'rates/shop')
    expect([exitCode, errors]).toEqual([2, expect.stringContaining('do not begin as a model does')])
    expect(models().read()).toHaveLength(1)
  })
})

describe('millrace detect score', () => {
  test('prints what a model would report of a file, with its reason', async () => {
    file('rates.csv', ...csv('2026-11-30T05:00:00Z,100,3,400'))
    file('model.json', JSON.stringify(modelOf()))
    const { exitCode, out, errors } = await run('score', 'model.json', '--input', 'rates.csv', '--patience', '1')
    expect([exitCode, out]).toEqual([
      0,
      expect.stringMatching(/2026-11-30T05:00:00.000Z .* alert .*durationP95Ms 400, usually/),
    ])
    expect(errors).toContain('301 points, 301 scored, 1 would be reported')
  })

  test('says how single points that are unusual are seen', async () => {
    file('rates.csv', ...csv('2026-11-30T05:00:00Z,100,3,400'))
    file('model.json', JSON.stringify(modelOf()))
    const { errors } = await run('score', 'model.json', '--input', 'rates.csv')
    expect(errors).toContain('--all shows them, and --patience 1 reports each of them')
  })

  test('shows durations as they are given', async () => {
    const { out } = await run('train', '--help')
    expect(out.match(/\(default:\s+\S+\)/g)).toEqual(['(default: 10m)', '(default: 1m)'])
  })

  test('names the numbers that a file has, where no point has one that is asked for', async () => {
    file('rates.csv', ...csv())
    const { exitCode, errors } = await run(
      'train',
      'a/b',
      '--kind',
      'pca',
      '--input',
      'rates.csv',
      '--features',
      'nope',
    )
    expect([exitCode, errors]).toEqual([
      2,
      expect.stringContaining('no point of rates.csv has nope: the first point has the numbers total, errors, '),
    ])
  })

  test('judges the records of its key in a topic, by the version that is used or another one', async () => {
    publish(100, 1)
    const nowMs = Date.now()
    const rates = memory.topic('fastmcp-error-rates', { key: string(), value: json<object>() })
    for (let minute = 0; minute < 20; minute++)
      for (const [key, scale] of [['shop', 1] as const, ['bank', 7] as const]) {
        const [total, errors, durationP95Ms] = usualVector(minute, scale)
        const at = nowMs - (30 - minute) * 60_000
        rates.write(key, { key, startMs: at, endMs: at + 60_000, total, errors, durationP95Ms }, { timestamp: at })
      }
    const args = ['score', 'rates/shop', '--topic', 'fastmcp-error-rates', '--from', '-1d', '--patience', '1', '--json']
    expect(JSON.parse((await run(...args)).out)).toMatchObject({ judged: 20, scored: 20, reported: 0 })
    expect(JSON.parse((await run(...args, '--model-version', '1')).out)).toMatchObject({ judged: 20, reported: 1 })
    expect(JSON.parse((await run(...args, '--key', 'bank')).out)).toMatchObject({ judged: 20, reported: 1 })
  })

  test('names every value that is none, with its line and field', async () => {
    file('model.json', JSON.stringify(modelOf()))
    const bad = ['soon,1,2,3', '2026-11-30T05:00:00Z,1,many,3', '2026-11-30T05:01:00Z,1,2']
    file('bad.csv', ...csv(...bad))
    const { exitCode, out, errors } = await run('score', 'model.json', '--input', 'bad.csv')
    expect([exitCode, out]).toEqual([2, ''])
    expect(errors).toContain("bad.csv line 302: time is 'soon': give time as ISO 8601 or epoch milliseconds")
    expect(errors).toContain("bad.csv line 303: errors is 'many': give a number, or nothing where it is missing")
    expect(errors).toContain('bad.csv line 304: 3 values for 4 names')
  })

  test('refuses a file that is no model', async () => {
    file('other.json', '{"kind":"pca"}')
    file('rates.csv', ...csv())
    expect((await run('score', 'other.json', '--input', 'rates.csv')).errors).toMatch(
      /other.json is no model, its features, intervalMs, .* cannot be used: write it with millrace detect train/,
    )
    expect((await run('score', 'missing.json', '--input', 'rates.csv')).errors).toContain('missing.json is no model')
  })

  test('asks for points', async () => {
    file('model.json', JSON.stringify(modelOf()))
    expect((await run('score', 'model.json')).errors).toContain('give --input FILE or --topic NAME')
    expect((await run('score', 'model.json', '--input', 'none.csv')).errors).toContain('none.csv cannot be read')
  })
})

describe('millrace detect explain', () => {
  test('says of a point which number it was, by how much, and what is usual', async () => {
    file('rates.csv', ...csv('2026-11-30T05:00:00Z,100,3,400'))
    file('model.json', JSON.stringify(modelOf()))
    const { out } = await run('explain', '--model', 'model.json', '--input', 'rates.csv', '--patience', '1')
    expect(out).toMatch(/^2026-11-30T05:00:00.000Z: would be reported, score [\d.]+\n {2}values: total 100, errors 3/)
    expect(out).toMatch(/because: durationP95Ms 400, usually [\d.]+ \(\d+ %\)\n/)
  })

  test('says that a point is usual, and which is the nearest to a time', async () => {
    file('rates.csv', ...csv())
    file('model.json', JSON.stringify(modelOf()))
    const args = ['explain', '--model', 'model.json', '--input', 'rates.csv', '--at']
    expect((await run(...args, '2026-11-30T04:00:00Z')).out).toContain('04:00:00.000Z: usual, score 0\n')
    expect((await run(...args, '2026-11-30T04:00:10Z')).errors).toContain('the nearest is at 2026-11-30T04:00:00.000Z')
  })

  test('says of an alert what was measured, what is usual, and shows lines', async () => {
    const key = 'anomaly-latency{service="shop"}'
    const change = {
      key,
      status: 'firing',
      severity: 'high',
      startMs,
      timeMs: startMs + 60_000,
      summary: 'shop: p95 of the durations is 2000, usually 20 ms',
      value: 0.97,
      threshold: 0.6,
      baseline: 20,
      examples: ['GET /cart 2004 ms'],
      links: { runbook: 'https://runbooks.example/latency' },
    }
    memory.topic('fastmcp-alert-changes', { key: string(), value: json<object>() }).write(key, change)
    const { out } = await run('explain', key)
    expect(out).toContain('value 0.97, limit 0.6, usually 20\n  line: GET /cart 2004 ms\n  runbook: https://')
    expect((await run('explain', 'other')).errors).toContain('copy its key from a notice')
    expect((await run('explain')).errors).toContain('nothing is named, or two things')
  })
})

test.each(['{}', 'null', '[]', '{"key":"broken","status":5,"examples":"none","links":null,"value":"1"}'])(
  'millrace detect explain refuses the record %s, which is no change of an alert',
  async (record) => {
    memory.topic('fastmcp-alert-changes', { key: string(), value: string() }).write('broken', record)
    const { exitCode, errors } = await run('explain', 'broken')
    expect(exitCode).toBe(2)
    expect(errors).toContain('has a record of broken that is no change of an alert')
  },
)

describe('millrace detect train', () => {
  test('refuses points before it trains', async () => {
    file('bad.csv', 'time,value', 'yesterday,3')
    const { exitCode, errors } = await run('train', 'disk/db-1', '--kind', 'series', '--input', 'bad.csv')
    expect([exitCode, errors]).toEqual([2, expect.stringContaining("bad.csv line 2: time is 'yesterday'")])
  })

  test('names the kinds', async () => {
    expect((await run('train', 'disk/db-1', '--kind', 'oracle', '--input', 'bad.csv')).errors).toContain('autoencoder')
  })
})

describe('millrace detect label', () => {
  const labels = () => memory.topic('fastmcp-detection-labels', { key: string(), value: json<AlertLabels>() }).read()

  test('writes who said what of an alert, and says what the limit is now', async () => {
    const { exitCode, out } = await run('label', 'errors', 'wrong')
    expect([exitCode, out]).toEqual([
      0,
      expect.stringContaining('errors: wrong. From now on, a value of this key has to lie 1.5 times'),
    ])
    await run('label', 'errors', 'right', '--author', 'ann')
    expect(labels().at(-1)?.value).toMatchObject({
      key: 'errors',
      labels: [
        { isRight: false, by: 'somebody@somewhere' },
        { isRight: true, by: 'ann' },
      ],
    })
    expect((await run('labels')).out).toMatch(/errors +1 +1 +1\.25 +\S+ +ann/)
  })

  test('warns of an alert that there is not, and refuses another verdict', async () => {
    expect((await run('label', 'errors', 'wrong')).errors).toContain('no alert errors: copy its key')
    expect((await run('label', 'errors', 'perhaps')).errors).toContain("the verdict is 'perhaps': give right or wrong")
    expect(labels()).toHaveLength(1)
  })
})
