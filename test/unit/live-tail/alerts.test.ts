import { writeFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { AlertRequest } from '../../../src/alerts/index.ts'
import { ManualClock } from '../../../src/core/clock.ts'
import { MillraceError } from '../../../src/index.ts'
import { AlertViewers } from '../../../src/live-tail/alerts/alert-viewers.ts'
import type { EventStream } from '../../../src/live-tail/event-stream.ts'
import { until } from '../../support/until.ts'
import { act, AlertScene, alertTopics, ask } from './alert-scene.ts'

let scene: AlertScene
beforeEach(() => {
  scene = new AlertScene()
})
afterEach(() => scene.close())

const hourMs = 3_600_000

/** Resolves when so many groups are shown. */
async function shown(port: number, groups: number) {
  await until(async () => {
    const { body } = await ask(port, '/alerts')
    return body.isComplete && body.groups.length === groups
  })
  return (await ask(port, '/alerts')).body
}

describe('alerts that are shown', () => {
  test('are those that fire, with their receivers, and no longer those that are over', async () => {
    const { port } = await scene.serve({ alerts: { ...alertTopics, channels: { chat: 'slack' } } })
    scene.fire('checkout')
    scene.fire('search')
    const { groups, mayAct } = await shown(port, 2)
    expect(mayAct).toBe(true)
    expect(groups[0]).toMatchObject({
      route: 'all',
      severity: 'high',
      acknowledgement: null,
      alertCount: 1,
      receivers: [{ name: 'chat', channel: 'slack', notices: 1 }],
      alerts: [{ rule: 'errors', status: 'firing', group: { service: 'checkout' }, silence: null }],
    })
    scene.resolve('checkout')
    expect((await shown(port, 1)).groups[0]?.alerts[0]).toMatchObject({ group: { service: 'search' } })
  })

  test('say that they are not complete while no worker has written any', async () => {
    const { port } = await scene.serve({ alerts: { ...alertTopics, groupsTopic: 'later' } })
    expect((await ask(port, '/alerts')).body).toMatchObject({ isComplete: false, groups: [] })
    scene.tail.memory.createTopic('later', 1)
    await shown(port, 0)
  })

  test('say how many groups there is no room for now', async () => {
    const { port } = await scene.serve()
    scene.fire('checkout')
    const groups = scene.topic(alertTopics.groupsTopic)
    const [{ value } = { value: undefined }] = groups.read()
    for (let index = 0; index < 2001; index++) groups.write(`group-${index}`, structuredClone(value))
    expect((await shown(port, 2000)).groupsLeftOut).toBe(2)
    groups.write('group-2000', null)
    await until(async () => (await ask(port, '/alerts')).body.groupsLeftOut === 1)
  })

  test('leave out a row that is no group, and say so once', async () => {
    const { port } = await scene.serve()
    const groups = scene.topic(alertTopics.groupsTopic)
    groups.write('bad', { route: 'all', episode: {} })
    const change = { key: 'k', severity: 'high', startMs: 1, rule: 'errors', group: {}, labels: {} }
    const state = { route: 'all', episode: { dedupKey: 'all/x@1', acknowledgement: null }, receivers: {} }
    const alert = { change, isActive: true, isFlapping: false }
    groups.write('without counts', { ...state, alerts: { k: alert }, receivers: { chat: {} } })
    groups.write('without a change', { ...state, alerts: { k: { isActive: true } } })
    groups.write('without labels', { ...state, alerts: { k: { ...alert, change: { ...change, labels: undefined } } } })
    scene.fire('checkout')
    await shown(port, 1)
  })

  test('come as events, whenever something is another than before', async () => {
    const { port } = await scene.serve()
    const response = await fetch(`http://127.0.0.1:${port}/alerts/stream`)
    let text = ''
    const reading = (async () => {
      for await (const part of response.body as unknown as AsyncIterable<Uint8Array>)
        text += Buffer.from(part).toString()
    })().catch(() => {})
    await until(() => text.includes('event: alerts'))
    scene.fire('checkout')
    await until(() => text.includes('"service":"checkout"'))
    scene.resolve('checkout')
    await until(() => text.lastIndexOf('"groups":[]') > text.lastIndexOf('checkout'))
    await scene.close()
    await reading
  })
})

test('a viewer whose token has ended leaves within a heartbeat, though alerts change all the time', () => {
  const clock = new ManualClock()
  const viewers = new AlertViewers(clock, 1000)
  let [changes, isEnded, isWelcome] = [0, false, true]
  const stream = {
    isWritable: true,
    send: () => {},
    end: () => (isEnded = true),
  } as Partial<EventStream> as EventStream
  viewers.enter({ stream, snapshot: () => String(changes++), isWelcome: () => isWelcome })
  const pass = (): void => {
    for (let tick = 0; tick < 8; tick++) {
      viewers.changed()
      clock.advance(250)
    }
  }
  pass()
  expect(isEnded).toBe(false)
  isWelcome = false
  pass()
  expect(isEnded).toBe(true)
  viewers.close()
})

describe('what people do about alerts', () => {
  test('is an acknowledgement as the command line writes it', async () => {
    const { port } = await scene.serve({ userHeader: 'x-user' })
    scene.fire('checkout')
    const id = (await shown(port, 1)).groups[0]?.id
    expect((await act(port, { verb: 'acknowledge', id }, { 'x-user': 'ann' })).status).toBe(200)
    const [record] = scene.topic(alertTopics.acknowledgementsTopic).read()
    expect(record?.value).toEqual({ dedupKey: record?.key, author: 'ann', timeMs: expect.any(Number) })
    expect(record?.key).toMatch(/^all\/errors%2Fcheckout@\d+$/)
  })

  test('is a silence of one alert or of many, until it ends or somebody ends it', async () => {
    const { port } = await scene.serve()
    scene.fire('checkout')
    const alert = (await shown(port, 1)).groups[0]?.alerts[0]
    const request = { verb: 'silence', reason: 'upgrade', untilMs: Date.now() + hourMs }
    expect((await act(port, { ...request, id: alert?.id })).body.record).toMatchObject({
      match: { alert: 'errors/checkout' },
    })
    await until(async () => (await shown(port, 1)).groups[0]?.alerts[0]?.silence !== null)
    const [silence] = (await shown(port, 1)).silences
    expect((await act(port, { verb: 'unsilence', id: silence?.id })).status).toBe(200)
    await until(async () => (await shown(port, 1)).groups[0]?.alerts[0]?.silence === null)
    const wide = await act(port, { ...request, match: { service: ['checkout', 'search'] } })
    expect(wide.body.record).toMatchObject({ match: { service: ['checkout', 'search'] }, reason: 'upgrade' })
  })

  test('is a request to those whom the notices name, once', async () => {
    const requests = { escalate: [], incident: ['tickets'] }
    const { port } = await scene.serve({ alerts: { ...alertTopics, requests }, userHeader: 'x-user' })
    scene.fire('checkout')
    const id = (await shown(port, 1)).groups[0]?.id
    const refused = await act(port, { verb: 'escalate', id })
    expect([refused.status, refused.body.reason]).toEqual([
      400,
      expect.stringMatching(/requests.escalate of the notices/),
    ])
    expect((await act(port, { verb: 'incident', id }, { 'x-user': 'ann' })).status).toBe(200)
    const [record] = scene.topic(alertTopics.acknowledgementsTopic).read()
    expect(record?.value).toMatchObject({ request: 'incident', dedupKey: record?.key, by: 'ann' })
    scene.ask(record?.value as AlertRequest)
    await until(async () => (await shown(port, 1)).groups[0]?.asked.incident?.by === 'ann')
    expect((await act(port, { verb: 'incident', id })).body.reason).toMatch(/ann has asked for it already/)
  })

  test.each([
    [{ verb: 'dance' }, 400, /verb must be one of acknowledge, silence, unsilence/],
    [{ verb: 'acknowledge', id: 'nobody' }, 404, /no alert that fires has this id/],
    [{ verb: 'unsilence', id: 'nobody' }, 404, /no silence with this id/],
    [{ verb: 'silence', match: { service: 'x' }, untilMs: Date.now() + hourMs }, 400, /reason must be/],
    [{ verb: 'silence', match: { service: 'x' }, reason: 'x', untilMs: 1 }, 400, /which is over/],
    [{ verb: 'silence', match: { service: 'x' }, reason: 'x', untilMs: 1e18 }, 400, /untilMs must be/],
    [{ verb: 'silence', match: {}, reason: 'x', untilMs: Date.now() + hourMs }, 400, /names no alerts/],
    [{ verb: 'silence', reason: 'x', untilMs: Date.now() + hourMs }, 400, /name the id of an alert, or match/],
    [{ verb: 'silence', match: { ip: '[redacted:ip]' }, reason: 'x', untilMs: 2e12 }, 400, /masked value/],
  ])('is refused where it is %j', async (body, status, reason) => {
    const { port } = await scene.serve()
    const answer = await act(port, body)
    expect([answer.status, answer.body.reason]).toEqual([status, expect.stringMatching(reason)])
  })

  test('is not done by a form or a page of another site', async () => {
    const { port } = await scene.serve()
    const body = { verb: 'unsilence', id: 'x' }
    expect((await act(port, body, { 'content-type': 'text/plain' })).body.reason).toMatch(/content-type/)
    expect((await act(port, body, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await ask(port, '/alerts/verbs')).status).toBe(405)
  })

  test('is not done where it cannot be recorded before', async () => {
    const { port } = await scene.serve({ auditTopic: 'audit' })
    scene.fire('checkout')
    const id = (await shown(port, 1)).groups[0]?.id
    scene.tail.memory.cluster.faults.failNextSend(new MillraceError('REQUEST_TIMED_OUT', 'retriable', 'no answer'))
    expect((await act(port, { verb: 'acknowledge', id })).status).toBe(503)
    expect(scene.topic(alertTopics.acknowledgementsTopic).read()).toEqual([])
    expect((await act(port, { verb: 'acknowledge', id })).status).toBe(200)
    const events = () =>
      scene
        .topic('audit')
        .read()
        .map(({ value }) => (value as { event: string }).event)
    await until(() => events().includes('alert verb done'))
    expect(events().indexOf('alert verb begun')).toBeLessThan(events().indexOf('alert verb done'))
  })
})

describe('who sees alerts and acts on them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-alert-roles-'))
  const tokensFile = join(folder, 'tokens.yaml')
  const roles = ['developers', 'operations', 'auditors', 'readonly'] as const
  const token = (role: string) => `a token of ${role}`.replaceAll(' ', '-')
  const as = (role: string) => ({ authorization: `Bearer ${token(role)}` })
  writeFileSync(
    tokensFile,
    JSON.stringify({ tokens: roles.map((role) => ({ user: role, roles: [role], token: token(role) })) }),
  )
  afterAll(() => rmSync(folder, { recursive: true }))

  async function served() {
    const { port } = await scene.serve({ tokensFile })
    scene.fire('checkout', { examples: ['a line'], summary: 'errors from 203.0.113.7' })
    scene.fire('login', { rule: 'sigma-brute-force', key: 'sigma-brute-force/login' })
    await until(async () => (await ask(port, '/alerts', as('operations'))).body.groups.length === 2)
    return port
  }

  test.each([
    ['developers', ['errors'], false],
    ['operations', ['errors', 'sigma-brute-force'], true],
    ['auditors', ['errors', 'sigma-brute-force'], false],
    ['readonly', ['errors'], false],
  ])('%s see %j, and act: %j', async (role, rules, mayAct) => {
    const port = await served()
    const { body } = await ask(port, '/alerts', as(role))
    expect(body.groups.flatMap(({ alerts }) => alerts.map(({ rule }) => rule)).sort()).toEqual(rules)
    expect(body.mayAct).toBe(mayAct)
    const [group] = body.groups
    expect((await act(port, { verb: 'acknowledge', id: group?.id }, as(role))).status).toBe(mayAct ? 200 : 403)
  })

  test('only operations see log lines, and nobody an address without a reason', async () => {
    const port = await served()
    const first = async (role: string, query = '') => {
      const { body } = await ask(port, `/alerts${query}`, as(role))
      return body.groups.flatMap(({ alerts }) => alerts).find(({ rule }) => rule === 'errors')
    }
    expect(await first('readonly')).toMatchObject({ examples: [], summary: 'errors from [redacted:ip]' })
    expect(await first('operations')).toMatchObject({ examples: ['a line'], summary: 'errors from [redacted:ip]' })
    expect(await first('operations', '?unmask=incident+4711')).toMatchObject({ summary: 'errors from 203.0.113.7' })
    expect((await ask(port, '/alerts?unmask=curious', as('readonly'))).status).toBe(403)
    expect((await ask(port, '/alerts?filter=x', as('operations'))).body.reason).toMatch(/filter is no parameter/)
    expect((await ask(port, '/alerts')).status).toBe(401)
    expect((await ask(port, '/logs/access', as('readonly'))).body).toMatchObject({ sections: ['alerts'] })
  })

  test('the record of what people do hides what is masked for them', async () => {
    const { port } = await scene.serve({ tokensFile })
    scene.fire('203.0.113.7')
    await until(async () => (await ask(port, '/alerts', as('operations'))).body.groups.length === 1)
    const [group] = (await ask(port, '/alerts', as('operations'))).body.groups
    const silence = { verb: 'silence', id: group?.alerts[0]?.id, reason: 'upgrade', untilMs: Date.now() + hourMs }
    for (const body of [{ verb: 'acknowledge', id: group?.id }, silence]) {
      const answer = await act(port, body, as('operations'))
      expect([answer.status, JSON.stringify(answer.body)]).toEqual([200, expect.not.stringContaining('203.0.113.7')])
    }
  })
})
