import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Silence } from '../../../src/alerts/index.ts'
import { json, string } from '../../../src/index.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'
import { commandLine } from '../../support/command-line.ts'

const directory = mkdtempSync(join(tmpdir(), 'millrace-alerts-'))
afterAll(() => rmSync(directory, { recursive: true }))
const file = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text)
  return name
}

const second = 1000
const minute = 60 * second
const beginMs = Date.parse('2026-11-24T08:00:00Z')
const at = (ms: number) => new Date(beginMs + ms).toISOString()
const log = (ms: number, more: object = {}) => ({ timestamp: at(ms), level: 'error', service: 'shop', ...more })

const rules = (name: string, fire: string, more = '') =>
  file(
    name,
    `rules:\n  - { name: errors, kind: threshold, groupBy: [service], window: 1m, every: 10s, fire: ${fire}${more} }\n`,
  )
const errors = rules('errors.yaml', "'>= 5'")
/** Ten errors within 10 seconds, and silence. */
const burst = (ms: number, more: object = {}) =>
  Array.from({ length: 10 }, (_, index) => log(ms + index * second, more))
const lines = (logs: readonly object[]) => logs.map((one) => JSON.stringify(one)).join('\n')
const shop = file('shop.log', lines([...burst(0), log(20 * minute, { level: 'info' })]))

let memory: MemoryKafka
beforeEach(() => {
  memory = new MemoryKafka({ topics: { logs: 3, 'fastmcp-alert-silences': 1 } })
})
const replay = (...args: string[]) =>
  commandLine({ kafka: memory.connection, directory }).run('alerts', 'replay', ...args)
const replayJson = async (...args: string[]) => JSON.parse((await replay(...args, '--json')).out) as Replayed
interface Replayed {
  readonly logs: number
  readonly late: number
  readonly firings: readonly {
    readonly key: string
    readonly startMs: number
    readonly endMs: number | null
    readonly notices: Readonly<Record<string, number>>
    readonly suppressed: readonly { readonly reason: string; readonly by: string | null }[]
  }[]
  readonly notices?: readonly {
    readonly receiver: string
    readonly sent: Readonly<Record<string, number>>
    readonly held: number
  }[]
}
const spans = ({ firings }: Replayed) =>
  firings.map(({ key, startMs, endMs }) => [key, startMs - beginMs, endMs === null ? null : endMs - beginMs])

describe('millrace alerts replay of a file', () => {
  test('prints what would have fired, from when to when, and with what value', async () => {
    const { exitCode, out, errors: told } = await replay('--rule', errors, '--input', shop)
    expect(exitCode).toBe(0)
    expect(out).toContain(`errors{service="shop"}: medium, from ${at(0)} to ${at(70 * second)} (1m 10s)\n`)
    expect(out).toMatch(/value: \d+, threshold: 5, events: \d+/)
    expect(out).toContain('1 alert would have fired (errors 1)\n')
    expect(told).toContain(`11 logs from ${at(0)} to ${at(20 * minute)}`)
  })

  test('takes lines that a command has printed, with the time of Kafka', async () => {
    const records = Array.from({ length: 10 }, (_, index) => ({
      topic: 'logs',
      partition: 0,
      offset: index,
      timestamp: beginMs + index * second,
      key: null,
      value: { level: 'error', service: 'shop' },
    }))
    const tapped = file('tapped.jsonl', lines(records))
    expect(spans(await replayJson('--rule', errors, '--input', tapped))).toEqual([['errors{service="shop"}', 0, null]])
  })

  test('has the same result for logs in any order within the grace', async () => {
    const shuffled = file('shuffled.log', lines([...burst(0).reverse(), log(20 * minute)]))
    expect(spans(await replayJson('--rule', errors, '--input', shuffled))).toEqual(
      spans(await replayJson('--rule', errors, '--input', shop)),
    )
  })

  test('reads only the time that is asked for', async () => {
    const { logs } = await replayJson('--rule', errors, '--input', shop, '--from', at(5 * second), '--to', at(minute))
    expect(logs).toBe(5)
  })

  test('counts logs before the first time, and what came too late', async () => {
    const logs = [{ message: 'no time' }, ...burst(0), log(20 * minute), log(0)]
    const { errors: told } = await replay('--rule', errors, '--input', file('late.log', lines(logs)))
    expect(told).toContain('1 log left out: the file names no time up to there')
    expect(told).toContain('1 log came later than the grace of the rules')
  })

  test('is not moved by a clock that is years ahead', async () => {
    const ahead = { ...log(0), timestamp: '2099-01-01T00:00:00Z' }
    const input = file('ahead.log', lines([log(0), ahead, ...burst(second), log(20 * minute, { level: 'info' })]))
    expect(spans(await replayJson('--rule', errors, '--input', input))).toHaveLength(1)
    expect((await replay('--rule', errors, '--input', input)).errors).not.toContain('2099')
  })

  test('names a file that cannot be read', async () => {
    const { exitCode, errors: told } = await replay('--rule', errors, '--input', 'no.log')
    expect([exitCode, told]).toEqual([2, expect.stringContaining('no.log cannot be read')])
  })
})

describe('millrace alerts replay with notices', () => {
  const notices = file(
    'notices.yaml',
    `receivers:
  - { name: chat }
  - { name: mail, quietHours: { zone: UTC, times: [{ from: "08:00", to: "09:00" }] } }
routes: [{ name: all, receivers: [chat, mail], groupBy: [service], wait: 0s, repeat: 10m }]
inhibitions: [{ name: the-disk, source: { service: disk }, target: { service: shop } }]
`,
  )
  const hour = [
    ...Array.from({ length: 6 }, (_, index) => burst(index * 50 * second)).flat(),
    log(2 * 60 * minute, { level: 'info', service: 'other' }),
  ]

  test('counts what each receiver would have got, and what waited for the end of quiet hours', async () => {
    const input = file('hour.log', lines(hour))
    const played = await replayJson('--rule', errors, '--input', input, '--notices', notices)
    expect(played.notices).toEqual([
      { receiver: 'chat', sent: { fire: 1, resolve: 1 }, held: 0 },
      { receiver: 'mail', sent: { digest: 1 }, held: 1 },
    ])
    expect(played.firings.map((firing) => firing.notices)).toEqual([{ chat: 2 }])
    expect((await replay('--rule', errors, '--input', input, '--notices', notices)).out).toMatch(
      /\nchat +1 +0 +0 +0 +1 /,
    )
  })

  test('says what would have been suppressed, and by what', async () => {
    const logs = [...burst(0, { service: 'disk' }), ...burst(10 * second)]
    const { firings } = await replayJson(
      '--rule',
      errors,
      '--input',
      file('disk.log', lines(logs)),
      '--notices',
      notices,
    )
    expect(
      firings.map(({ key, suppressed }) => [key, suppressed.map(({ reason, by }) => `${reason} by ${by}`)]),
    ).toEqual([
      ['errors{service="disk"}', []],
      ['errors{service="shop"}', ['inhibited by the-disk']],
    ])
  })

  test('takes silences of the topic where it is asked to', async () => {
    const silence: Silence = {
      id: 's1',
      match: { service: 'shop' },
      author: 'ann',
      reason: 'x',
      startMs: 0,
      endMs: 4e12,
    }
    memory.topic('fastmcp-alert-silences', { key: string(), value: json<Silence>() }).write('s1', silence)
    const args = ['--rule', errors, '--input', shop, '--notices', notices]
    expect((await replayJson(...args, '--silences')).firings[0]?.suppressed).toMatchObject([
      { reason: 'silenced', by: 's1' },
    ])
    expect((await replayJson(...args)).firings[0]?.suppressed).toEqual([])
  })
})

describe('millrace alerts replay --compare', () => {
  const kept = rules('kept.yaml', "'>= 5', keep: 5m")
  const many = rules('many.yaml', "'>= 50'")
  const high = rules('high.yaml', "'>= 5', severity: high")
  const alert = 'errors{service="shop"}'
  const firing = `${alert}: medium, from ${at(0)} to ${at(70 * second)} (1m 10s)`

  test.each([
    ['the same alerts', errors, errors, 0, 'the same alerts would have fired\n'],
    ['one that is gone', errors, many, 1, `gone: ${firing}\n`],
    ['one that is added', many, errors, 1, `added: ${firing}\n`],
    ['one that is longer', errors, kept, 1, `longer: ${alert}\n`],
    ['one that is shorter', kept, errors, 1, `shorter: ${alert}\n`],
    ['another severity', errors, high, 1, `severity: ${alert}\n  before: medium, `],
  ])('prints nothing but the differences: %s', async (_, before, now, code, text) => {
    const { exitCode, out } = await replay('--rule', now, '--compare', before, '--input', shop)
    expect([exitCode, out]).toEqual([code, expect.stringContaining(text)])
    expect(out.startsWith(text)).toBe(true)
  })
})

describe('millrace alerts replay of topics', () => {
  const write = (logs: readonly { readonly timestamp: string }[], partition: number) => {
    const topic = memory.topic('logs', { key: string(), value: json<object>() })
    for (const one of logs) topic.write('k', one, { partition, timestamp: Date.parse(one.timestamp) })
  }

  test('reads all partitions together by time', async () => {
    // By itself, no partition has five errors in a minute.
    write(
      burst(0).filter((_, index) => index % 3 === 0),
      0,
    )
    write(
      burst(0).filter((_, index) => index % 3 === 1),
      1,
    )
    write(
      burst(0).filter((_, index) => index % 3 === 2),
      2,
    )
    write([log(10 * minute, { level: 'info' })], 0)
    const range = ['--from', at(0), '--to', at(30 * minute)]
    expect(spans(await replayJson('--rule', errors, '--topic', 'logs', ...range))).toEqual([
      ['errors{service="shop"}', 0, 70 * second],
    ])
  })

  test('ends with the time that is asked for, also where no logs came', async () => {
    const absence = file('absence.yaml', 'rules: [{ name: silent, kind: absence, groupBy: [service], window: 10m }]\n')
    write(burst(0), 0)
    const range = ['--from', at(-minute), '--to', at(60 * minute)]
    expect(spans(await replayJson('--rule', absence, '--topic', 'logs', ...range))).toEqual([
      ['silent{service="shop"}', expect.any(Number), null],
    ])
  })

  test('commits nothing, and writes nothing', async () => {
    write(burst(0), 0)
    await replay('--rule', errors, '--topic', 'logs', '--from', at(0), '--to', at(minute))
    expect(memory.topic('logs', { key: string(), value: json() }).read()).toHaveLength(10)
  })

  test('names what a time may be, and a topic that does not exist', async () => {
    const { errors: told } = await replay('--rule', errors, '--topic', 'logs', '--from', '7d')
    expect(told).toContain('It must be an ISO 8601 time, as in 2026-11-01T00:00:00Z, or so long ago, as in -7d.')
    expect((await replay('--rule', errors, '--topic', 'lost', '--from', '-7d')).errors).toContain(
      'topic lost does not exist: name a topic that has logs',
    )
  })

  test('begins so long ago', async () => {
    const nowMs = Date.now()
    const recent = burst(nowMs - beginMs - 60 * minute)
    write(recent, 0)
    expect((await replayJson('--rule', errors, '--topic', 'logs', '--from', '-2h')).logs).toBe(10)
    expect((await replayJson('--rule', errors, '--topic', 'logs', '--from', '-30m')).logs).toBe(0)
  })

  test('of a time without logs says so', async () => {
    const { exitCode, errors: told } = await replay('--rule', errors, '--input', shop, '--from', '2096-01-01')
    expect([exitCode, told]).toEqual([0, expect.stringContaining('no log was found: check --from, --to')])
  })

  test.each([
    [['--from', '-7d'], 'give --topic or --input'],
    [['--topic', 'logs'], 'give --from'],
    [['--topic', 'logs', '--from', '-7'], 'as in -7d'],
    [['--topic', 'logs', '--from', at(0), '--to', at(-1)], 'is not before --to'],
    [['--input', shop, '--from', at(0), '--to', at(-1)], 'is not before --to'],
    [['--topic', 'none', '--from', '-7d'], 'topic none does not exist'],
  ])('%j is refused', async (args, fix) => {
    const { exitCode, errors: told } = await replay('--rule', errors, ...args)
    expect([exitCode, told]).toEqual([2, expect.stringContaining(fix)])
  })
})
