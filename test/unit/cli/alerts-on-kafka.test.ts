import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals'
import {
  type Acknowledgement,
  type AlertRequest,
  alertRequestKinds,
  type GroupState,
  type Silence,
} from '../../../src/alerts/index.ts'
import { json, string } from '../../../src/index.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'
import { commandLine } from '../../support/command-line.ts'
import { Desk, definition } from '../alerts/notices/desk.ts'

const directory = mkdtempSync(join(tmpdir(), 'millrace-alerts-'))
afterAll(() => rmSync(directory, { recursive: true }))
const of = definition({ route: { groupBy: ['service'], repeat: '1h' } })
writeFileSync(join(directory, 'notices.yaml'), JSON.stringify(of))
const asked = { ...of, requests: { escalate: ['chat'], incident: ['chat'] } }
writeFileSync(join(directory, 'asked.yaml'), JSON.stringify(asked))

const groupsTopic = 'fastmcp-log-consumers-alerts-alert-groups-changelog'
let memory: MemoryKafka
beforeEach(() => {
  const names = [groupsTopic, 'fastmcp-alert-silences', 'fastmcp-alert-acknowledgements', 'millrace-audit']
  memory = new MemoryKafka({ topics: Object.fromEntries(names.map((name) => [name, 3])) })
})
const run = (...args: string[]) => commandLine({ kafka: memory.connection, directory }).run('alerts', ...args)
const silences = () => memory.topic('fastmcp-alert-silences', { key: string(), value: json<Silence>() })
const silence = (...more: string[]) => run('silence', '--match', 'service=checkout', '--reason', 'upgrade', ...more)

/** As the worker stores them. */
const storeGroups = ({ states }: Desk) => {
  const topic = memory.topic(groupsTopic, { key: string(), value: json<GroupState>() })
  for (const [key, state] of states) topic.write(key, state)
}

describe('millrace alerts silence', () => {
  test('writes a silence with its author, reason and end', async () => {
    const match = ['--match', 'severity=low', 'severity=medium', 'team=!pay']
    const { exitCode, out } = await silence(...match, '--for', '2h', '--author', 'ann', '--json')
    const [row] = silences().read()
    expect([exitCode, JSON.parse(out)]).toEqual([0, row?.value])
    expect(row?.value).toMatchObject({
      id: row?.key,
      match: { service: 'checkout', severity: ['low', 'medium'], team: '!pay' },
      author: 'ann',
      reason: 'upgrade',
    })
    expect((row?.value?.endMs ?? 0) - (row?.value?.startMs ?? 0)).toBe(7_200_000)
  })

  test('says which of the alerts that fire it means', async () => {
    const desk = new Desk(of, Date.now())
    desk.fire('checkout')
    desk.fire('search')
    storeGroups(desk)
    const { out } = await silence('--for', '2h')
    expect(out).toMatch(/^silenced until \S+: \S+\n {2}errors\/checkout\n$/)
  })

  test('says that it means none, so that a typing error is seen', async () => {
    expect((await silence('--for', '2h')).out).toMatch(
      /no alert that fires now: .* unsilence \S+, and correct --match\n$/,
    )
  })

  test('is by the user of the system where nobody is named', async () => {
    await silence('--for', '1d')
    expect(silences().read()[0]?.value?.author).toBe('somebody@somewhere')
  })

  test('asks for one end that is not over', async () => {
    for (const end of [[], ['--for', '1h', '--until', '2999-01-01']])
      expect((await silence(...end)).errors).toContain('a silence needs one end: give --for or --until')
    expect((await silence('--until', '2020-01-01')).errors).toContain('2020-01-01T00:00:00.000Z, which is over')
    expect((await silence('--for', '99999999d')).errors).toContain('after the year 9999: give an earlier time')
    expect(silences().read()).toEqual([])
  })

  test('asks for a reason and for alerts', async () => {
    expect((await run('silence', '--for', '1h', '--match', 'a=b')).errors).toContain('--reason')
    expect((await run('silence', '--for', '1h', '--reason', 'b')).errors).toContain('--match')
    expect((await silence('--for', 'PT1H')).errors).toContain('such as 30s, 5m or 1h')
  })

  test('names the topic that does not exist', async () => {
    const { exitCode, errors } = await silence('--for', '1h', '--silences-topic', 'no-topic')
    expect([exitCode, errors]).toEqual([2, expect.stringContaining('topic no-topic does not exist')])
  })
})

describe('millrace alerts silences', () => {
  test('shows those that hold, and with --all those that are over', async () => {
    await silence('--for', '2h')
    const old = { id: 'old', match: { rule: '*' }, author: 'bob', reason: 'move', startMs: 0, endMs: 1 }
    silences().write('old', old)
    expect((await run('silences')).out).toMatch(/holds +\S+Z +somebody@somewhere +service=checkout +upgrade\n$/)
    expect((await run('silences', '--all')).out).toMatch(/\nold +over +\S+Z +bob +rule=\* +move\n/)
  })

  test('leave out rows that are no silences, and count them', async () => {
    const rows = memory.topic('fastmcp-alert-silences', { key: string(), value: string() })
    for (const [key, row] of Object.entries({
      a: 'null',
      b: '{"id":"b","match":{},"startMs":0,"endMs":1}',
      c: 'no JSON',
    }))
      rows.write(key, row)
    const { exitCode, out, errors } = await run('silences')
    expect([exitCode, out]).toEqual([0, 'nothing is silenced\n'])
    expect(errors).toContain('1 row of topic fastmcp-alert-silences left out: the value is no JSON')
    expect(errors).toContain('3 rows of topic fastmcp-alert-silences left out: the value is no silence')
    expect(await run('unsilence', 'c')).toMatchObject({ exitCode: 0, out: 'deleted: c, which silenced nothing\n' })
    expect(rows.read()).toContainEqual(expect.objectContaining({ key: 'c', value: null }))
  })

  test('have the id that was given, also where others begin with it', async () => {
    const row = { match: { rule: '*' }, author: 'bob', reason: 'move', startMs: 0, endMs: 1 }
    for (const id of ['old-2', 'old']) silences().write(id, { ...row, id })
    await run('unsilence', 'old')
    expect((await run('silences', '--all')).out).toMatch(/\nold-2 /)
    expect(await run('unsilence', 'old')).toMatchObject({ exitCode: 0 })
  })

  test('end with unsilence and the beginning of an id', async () => {
    await silence('--for', '2h')
    const id = silences().read()[0]?.key ?? ''
    expect(await run('unsilence', id.slice(0, 6))).toMatchObject({ exitCode: 0 })
    expect((await run('silences')).out).toBe('nothing is silenced\n')
    expect(await run('unsilence', id)).toMatchObject({ exitCode: 2, errors: expect.stringContaining('no silence') })
  })

  test('are taken from the topic that a variable names', async () => {
    const line = commandLine({ kafka: memory.connection, environment: { ALERT_SILENCES_TOPIC: 'other' } })
    expect((await line.run('alerts', 'silences')).errors).toContain('topic other does not exist')
  })
})

describe('millrace alerts acknowledge', () => {
  test('writes who takes care, under the key of the notices', async () => {
    const { exitCode } = await run('acknowledge', 'all/errors@1795962894858', '--author', 'ann')
    const rows = memory
      .topic('fastmcp-alert-acknowledgements', { key: string(), value: json<Acknowledgement>() })
      .read()
    expect(exitCode).toBe(0)
    expect(rows).toMatchObject([{ key: 'all/errors@1795962894858', value: { dedupKey: rows[0]?.key, author: 'ann' } }])
  })

  test('warns of a key under which nothing fires', async () => {
    const { exitCode, errors } = await run('acknowledge', 'all/errors@1795962894858')
    expect(exitCode).toBe(0)
    expect(errors).toContain('nothing fires under the key all/errors@1795962894858')
  })

  test('warns of what somebody takes care of already', async () => {
    const desk = new Desk(of, Date.now())
    desk.fire('search')
    desk.pass(60_000)
    desk.acknowledge()
    storeGroups(desk)
    const key = [...desk.states.values()][0]?.episode?.dedupKey ?? ''
    expect((await run('acknowledge', key, '--author', 'bob')).errors).toContain('ann took care of it before')
  })

  test('refuses what is no key', async () => {
    expect((await run('acknowledge', 'errors')).errors).toContain('errors is no key of a notice')
  })
})

describe.each(alertRequestKinds)('millrace alerts %s', (kind) => {
  const requests = () =>
    memory.topic('fastmcp-alert-acknowledgements', { key: string(), value: json<AlertRequest>() }).read()
  const ask = (key: string, ...more: string[]) => run(kind, key, '--notices', 'asked.yaml', ...more)

  test('writes who asks, under the key of the notices', async () => {
    const { exitCode, out } = await ask('all/errors@1795962894858', '--author', 'ann', '--json')
    const [row] = requests()
    expect([exitCode, JSON.parse(out)]).toEqual([0, row?.value])
    expect(row).toMatchObject({
      key: 'all/errors@1795962894858',
      value: { request: kind, dedupKey: row?.key, by: 'ann' },
    })
  })

  test('writes the request that the worker takes', async () => {
    const desk = new Desk(asked, Date.now())
    desk.fire('search')
    storeGroups(desk)
    const key = desk.states.get('all/search')?.episode?.dedupKey ?? ''
    expect(await ask(key)).toMatchObject({ exitCode: 0, errors: '' })
    const request = requests()[0]?.value
    expect(request != null && desk.ask(request)).toBe(true)
  })

  test('is refused where the notices name nobody for it', async () => {
    const { exitCode, errors } = await run(kind, 'all/errors@1795962894858', '--notices', 'notices.yaml')
    expect([exitCode, errors]).toEqual([
      2,
      expect.stringContaining(`requests.${kind} of notices.yaml names no receivers: name some there`),
    ])
    expect(requests()).toEqual([])
  })

  test('takes the notices that a variable names', async () => {
    const line = commandLine({
      kafka: memory.connection,
      directory,
      environment: { ALERTS_NOTICES_FILE: 'notices.yaml' },
    })
    const { errors } = await line.run('alerts', kind, 'all/errors@1795962894858')
    expect(errors).toContain('of notices.yaml names no receivers')
  })

  test('is written without the notices, and says what is not known', async () => {
    const { exitCode, errors } = await run(kind, 'all/errors@1795962894858')
    expect([exitCode, requests().length]).toEqual([0, 1])
    expect(errors).toContain(`without --notices, it is not known whether requests.${kind} names receivers`)
  })

  test('warns of a key under which nothing fires', async () => {
    const { exitCode, errors } = await ask('all/errors@1795962894858')
    expect(exitCode).toBe(0)
    expect(errors).toContain('nothing fires under the key all/errors@1795962894858')
  })

  test('warns of what somebody has asked for already', async () => {
    const desk = new Desk(asked, Date.now())
    desk.fire('search')
    desk.pass(60_000)
    const key = desk.states.get('all/search')?.episode?.dedupKey ?? ''
    desk.ask({ request: kind, dedupKey: key, by: 'ann', timeMs: desk.nowMs })
    storeGroups(desk)
    expect((await ask(key, '--author', 'bob')).errors).toContain('ann has asked for it already')
  })

  test('refuses what is no key', async () => {
    expect((await ask('errors')).errors).toContain('errors is no key of a notice')
  })

  test('names the topic that does not exist', async () => {
    const { exitCode, errors } = await ask('all/errors@1795962894858', '--acknowledgements-topic', 'no-topic')
    expect([exitCode, errors]).toEqual([2, expect.stringContaining('topic no-topic does not exist')])
  })
})

describe('millrace alerts describe', () => {
  const describeAll = (...more: string[]) => run('describe', '--notices', 'notices.yaml', ...more)

  /** What the worker has stored of two services that fail, of which one is silenced and one is acknowledged. */
  const store = async () => {
    const desk = new Desk(of, Date.now())
    desk.fire('checkout')
    desk.fire('search', 'critical')
    desk.pass(60_000)
    desk.acknowledge()
    storeGroups(desk)
    await silence('--for', '2h')
  }

  test('says what fires, why it is not sent, who takes care, and what is sent next', async () => {
    await store()
    const { exitCode, out } = await describeAll()
    expect(exitCode).toBe(0)
    expect(out).toMatch(/^all\/checkout\n {2}key of its notices: all\/checkout@\d+\n {2}acknowledged by: ann\n/)
    expect(out).toMatch(
      / {2}firing errors\/checkout since \S+Z, high: errors of checkout \(silenced by \S+ until \S+Z\)/,
    )
    expect(out).toMatch(/ {2}firing errors\/search since \S+Z, critical: errors of search\n {2}next: nothing\n/)
  })

  test('shows one group as JSON, with the next three notices of a receiver', async () => {
    const desk = new Desk(of, Date.now())
    desk.fire('search')
    storeGroups(desk)
    const { out } = await describeAll('all/search', '--json')
    const kinds = (JSON.parse(out) as readonly { readonly upcoming: { readonly chat: readonly { kind: string }[] } }[])
      .flatMap(({ upcoming }) => upcoming.chat)
      .map(({ kind }) => kind)
    expect(kinds).toEqual(['fire', 'repeat', 'repeat'])
  })

  test('shows the other groups where one has the form of another version', async () => {
    const desk = new Desk(of, Date.now())
    desk.fire('checkout')
    desk.fire('search')
    storeGroups(desk)
    const former = { ...desk.states.get('all/checkout'), receivers: null }
    memory.topic(groupsTopic, { key: string(), value: json<object>() }).write('all/checkout', former)
    const { exitCode, out, errors } = await describeAll()
    expect([exitCode, out.startsWith('all/search\n')]).toEqual([0, true])
    expect(errors).toContain('group all/checkout cannot be described')
  })

  test('ends with 1 where nothing fires', async () => {
    expect(await describeAll('all/none')).toMatchObject({ exitCode: 1, out: 'nothing fires\n' })
  })

  test('does not say what is sent next where the file has no such route, and says why', async () => {
    const desk = new Desk(definition(), Date.now())
    desk.fire('search')
    const topic = memory.topic(groupsTopic, { key: string(), value: json<GroupState>() })
    for (const [key, state] of desk.states) topic.write(key, { ...state, route: 'former' })
    const { out, errors } = await describeAll()
    expect(out).toContain('  next: not known\n')
    expect(errors).toContain('no route former')
  })

  test('says what is known without notices', async () => {
    await store()
    const { exitCode, out, errors } = await run('describe')
    expect([exitCode, errors]).toEqual([0, expect.stringContaining('without --notices')])
    expect(out).toMatch(/acknowledged by: ann\n.*\(silenced by .*\)\n {2}next: not known\n/)
  })

  test('names the application whose groups are not there', async () => {
    expect((await describeAll('--application', 'shop')).errors).toContain('shop-alert-groups-changelog does not exist')
  })
})
