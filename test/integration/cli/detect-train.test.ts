import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Host } from '../../../src/cli/host.ts'
import type * as sources from '../../../src/cli/run-cli.ts'
import type { TrainedModel } from '../../../src/detection/index.ts'
import { builtProgram } from '../../support/built.ts'

// Trainings run in threads, which need the built program.
let cli: typeof sources
beforeAll(async () => {
  cli = (await import(pathToFileURL(builtProgram('src/cli/run-cli')).href)) as typeof sources
})
const directory = mkdtempSync(join(tmpdir(), 'millrace-train-'))
afterAll(() => rmSync(directory, { recursive: true }))
const file = (name: string, lines: readonly string[]) => writeFileSync(join(directory, name), lines.join('\n'))
const model = (name: string) => JSON.parse(readFileSync(join(directory, name), 'utf8')) as TrainedModel

async function run(...args: readonly string[]) {
  const written = { out: '', errors: '' }
  const output = (name: 'out' | 'errors') => ({
    write: (text: string) => void (written[name] += text),
    isTerminal: false,
    columns: 120,
  })
  const host: Host = {
    environment: {},
    directory,
    out: output('out'),
    errors: output('errors'),
    readInput: () => Promise.resolve(''),
    async *lines() {},
    stop: new Promise(() => {}),
    user: 'somebody@somewhere',
  }
  return { exitCode: await cli.runCli(['detect', ...args], host), ...written }
}

const startMs = Date.UTC(2026, 10, 24)
const timeOf = (minute: number, everyMs = 60_000) => new Date(startMs + minute * everyMs).toISOString()
const load = (minute: number) => 100 + 30 * Math.sin(minute / 60) + ((minute * 7919) % 10)

beforeAll(() => {
  const minutes = Array.from({ length: 900 }, (_, minute) => minute)
  file('rates.csv', [
    'time,total,durationMs',
    ...minutes.map((minute) => `${timeOf(minute)},${load(minute)},${20 + load(minute) / 5 + ((minute * 31) % 3)}`),
  ])
  file('later.ndjson', [
    ...minutes.slice(0, 60).map((minute) => {
      const total = load(minute + 900)
      return JSON.stringify({ timeMs: startMs + (900 + minute) * 60_000, total, durationMs: 20 + total / 5 })
    }),
    JSON.stringify({ timeMs: startMs + 960 * 60_000, total: 300, durationMs: 500 }),
  ])
})

describe('millrace detect train', () => {
  test.each(['pca', 'forest', 'autoencoder'])(
    'trains a model of the kind %s that score and explain read',
    async (kind) => {
      const options = kind === 'autoencoder' ? ['--option', 'epochs=2', 'steps=4', 'hidden=4'] : []
      const args = ['--kind', kind, '--input', 'rates.csv', '--output', `${kind}.json`]
      const { exitCode, out } = await run('train', 'rates/shop', ...args, ...options)
      expect([exitCode, out]).toEqual([
        0,
        expect.stringContaining(`${kind} of total, durationMs: 900 rows from 2026-11-24`),
      ])
      expect(model(`${kind}.json`)).toMatchObject({
        kind,
        features: ['total', 'durationMs'],
        intervalMs: 60_000,
        rows: 900,
      })
      const judge = ['--input', 'later.ndjson', '--patience', '1']
      expect((await run('score', `${kind}.json`, ...judge)).errors).toMatch(/61 points, \d+ scored/)
      const explained = await run('explain', '--model', `${kind}.json`, ...judge, '--at', timeOf(960))
      expect(explained.out).toMatch(/because: (total 300|durationMs 500), usually/)
    },
  )

  test('trains the detector of a series, whose state score continues from', async () => {
    const series = ['--kind', 'series', '--features', 'durationMs', '--option', 'memoryMs=43200000', 'warmUpMs=3600000']
    await run('train', 'rates/shop', ...series, '--input', 'rates.csv', '--output', 'series.json')
    const { out, errors } = await run('score', 'series.json', '--input', 'later.ndjson')
    expect(errors).toContain('61 points, 61 scored')
    expect(out).toMatch(/alert +500 +value 500, usually/)
  })

  test('trains a model of crossings, with its figures on rows that were held back', async () => {
    const points = Array.from({ length: 12_000 }, (_, point) => {
      const cycle = point % 400
      return `${timeOf(point, 300_000)},${cycle < 360 ? 40 + ((point * 7919) % 10) : 40 + (cycle - 360) * 2}`
    })
    file('disk.csv', ['time,value', ...points])
    const crossing = ['--kind', 'crossing', '--option', 'limit=90', 'middle=45', 'trees=20']
    const { exitCode, out } = await run('train', 'disk/a', ...crossing, '--input', 'disk.csv', '--output', 'disk.json')
    expect([exitCode, out]).toEqual([0, expect.stringMatching(/averagePrecision 0?\.?\d+/)])
    expect((await run('score', 'disk.json', '--input', 'disk.csv')).exitCode).toBe(0)
  })

  test('counts features of logs, by service and window', async () => {
    const logs = Array.from({ length: 1200 }, (_, second) =>
      JSON.stringify({
        timestamp: new Date(startMs + second * 5000).toISOString(),
        service: second % 4 === 0 ? 'bank' : 'shop',
        level: second % 20 === 3 ? 'error' : 'info',
        message: 'an order was sent',
        durationMs: 20 + (second % 7),
      }),
    )
    file('shop.log', logs)
    const args = ['--logs', '--input', 'shop.log', '--window', '1m', '--kind', 'pca']
    const { exitCode, errors, out } = await run('train', 'logs/shop', ...args)
    expect([exitCode, errors]).toEqual([0, 'millrace: nothing was written: give --output FILE or --publish\n'])
    expect(out).toContain('pca of count, errorShare, p95: 100 rows')
  })

  test('refuses all options that the kind cannot use, at once', async () => {
    const { exitCode, errors } = await run(
      ...['train', 'rates/shop', '--kind', 'forest', '--input', 'rates.csv', '--option', 'trees=0', 'seeds=1'],
    )
    expect(exitCode).toBe(2)
    expect(errors).toContain('seeds is not an option: did you mean seed?')
    expect(errors).toContain('trees is 0: give an integer from 1')
  })

  test('says how many rows are missing, and ends a training at its deadline', async () => {
    file('few.csv', ['time,value', `${timeOf(0)},1`, `${timeOf(1)},2`])
    const few = await run('train', 'rates/shop', '--kind', 'forest', '--input', 'few.csv')
    expect([few.exitCode, few.errors]).toEqual([2, expect.stringContaining('2 rows are usable: give at least 16')])
    const long = ['--kind', 'autoencoder', '--option', 'epochs=1000', 'hidden=128', '--timeout', '1s']
    expect((await run('train', 'rates/shop', '--input', 'rates.csv', ...long)).errors).toContain(
      'has not ended after 1000 ms',
    )
  })

  test('asks for one number where the kind has one', async () => {
    const { errors } = await run('train', 'rates/shop', '--kind', 'series', '--input', 'rates.csv')
    expect(errors).toContain('the rows have 2 (total, durationMs): name one with --features')
  })
})
