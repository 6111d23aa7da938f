import { createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { topics } from '../../../fleet/topics.ts'
import type { Execution } from '../../../schemas/execution.ts'
import type { AlertChange, Notice } from '../../../src/alerts/index.ts'
import type { PeerMessage } from '../../support/kafkajs-peer.ts'
import { requireServer } from '../../support/require-server.ts'
import { type ServiceRequest, ServiceServer } from '../../support/service-server.ts'
import { until } from '../../support/until.ts'
import { FleetRig, type WorkerProcess } from './fleet-rig.ts'
import { temporaryFolder } from './start-process.ts'

const notices = `
receivers: [{ name: hook }]
routes:
  - { name: all, receivers: [hook], groupBy: [alert], wait: 0s, repeat: never, escalate: false }
`
const notifiers = `
notifiers: [{ name: hook, webhook: { url: { env: HOOK_URL }, secret: { env: HOOK_SECRET }, ratePerMinute: 6000 } }]
`
const secret = 'known to both'

const count = 200
/** Every tenth fails, in a scenario of its own, and one of the others never ends. */
const scenarioOf = (number: number): string => (number === 1 ? 'endless' : number % 10 === 0 ? 'failing' : 'fine')
const statusOf = (number: number): Execution['status'] =>
  number === 1 ? 'timed-out' : number % 10 === 0 ? 'error' : 'success'
const numbers = Array.from({ length: count }, (_, number) => number)
const credits = numbers.filter((number) => number !== 1).reduce((sum, number) => sum + number, 0)

/** The events of all executions; an end may come before its beginning, and each tenth event comes twice. */
function events(beginMs: number): readonly PeerMessage[] {
  const all = numbers.flatMap((number) => {
    const ids = { executionId: `e${number}`, scenarioId: scenarioOf(number), organizationId: 'o' }
    const at = (second: number): number => beginMs + number * 100 + second * 1000
    const stage = { moduleId: '1', startTime: at(1) }
    const end = { status: statusOf(number), performance: { creditsConsumed: number } }
    return [
      { ...ids, timestamp: at(0), status: 'running' },
      { ...ids, timestamp: at(1), stages: [{ ...stage, inputData: { password: `hunter${number}` } }] },
      { ...ids, timestamp: at(3), stages: [{ ...stage, status: 'success', endTime: at(3) }] },
      ...(number === 1 ? [] : [{ ...ids, timestamp: at(4), ...end }]),
    ]
  })
  const messages = all.map((event) => ({ key: null, value: JSON.stringify(event) }))
  const mixed = messages.map((_, index) => messages[(index * 311) % messages.length] as PeerMessage)
  return [...mixed, ...mixed.filter((_, index) => index % 10 === 0)]
}

requireServer('kafka').describe('the worker of executions', () => {
  let rig: FleetRig
  const server = new ServiceServer()

  beforeAll(async () => {
    await server.start()
    rig = await FleetRig.start()
  }, 120_000)

  afterAll(async () => {
    await rig?.stop()
    await server.stop()
  })

  const start = async (state: string): Promise<WorkerProcess> => {
    const worker = await rig.worker('executions', {
      KAFKA_GROUP_INSTANCE_ID: 'executions-1',
      STATE_DIRECTORY: state,
      EXECUTIONS_TIMEOUT_MS: '10000',
      EXECUTIONS_CREDIT_THRESHOLDS: String(credits),
    })
    await worker.process.line(/"to":"RUNNING".*"msg":"application state"/, 120_000)
    return worker
  }

  const startAlerts = (folder: string): Promise<WorkerProcess> => {
    const environment = {
      ALERTS_NOTICES_FILE: join(folder, 'notices.yaml'),
      ALERTS_NOTIFIERS_FILE: join(folder, 'notifiers.yaml'),
      HOOK_URL: server.url,
      HOOK_SECRET: secret,
    }
    writeFileSync(environment.ALERTS_NOTICES_FILE, notices)
    writeFileSync(environment.ALERTS_NOTIFIERS_FILE, notifiers)
    return rig.worker('alerts', environment)
  }

  const executions = async (): Promise<ReadonlyMap<string, Execution>> => {
    const records = await rig.peer.readAll(topics.executions.name)
    return new Map(records.map(({ key, value }) => [String(key), JSON.parse(String(value)) as Execution]))
  }

  /** The last change of each alert. */
  const alerts = async (): Promise<ReadonlyMap<string, AlertChange>> => {
    const records = await rig.peer.readAll(topics.alertChanges.name)
    return new Map(records.map(({ key, value }) => [String(key), JSON.parse(String(value)) as AlertChange]))
  }

  test('that is killed with -9 comes to the right executions, credits and alerts, and webhooks are signed', async () => {
    const folder = temporaryFolder()
    await startAlerts(folder)
    const first = await start(join(folder, 'state'))
    const all = events(Date.now())
    const middle = all.length >> 1
    await rig.peer.send(topics.executionEvents.name, all.slice(0, middle))
    await rig.peer.send(topics.executionEvents.name, [{ key: 'bad', value: '{"executionId":"x","status":"done"}' }])
    await until(async () => (await rig.peer.count(topics.executions.name)) > 50, 120_000, 'executions are written')
    await first.process.kill()
    await rig.peer.send(topics.executionEvents.name, all.slice(middle))
    await start(join(folder, 'state'))

    let found = new Map() as ReadonlyMap<string, Execution>
    await until(
      async () => {
        found = await executions()
        return numbers.every((number) => found.get(`${scenarioOf(number)}/e${number}`)?.status === statusOf(number))
      },
      180_000,
      'every execution has ended',
    )
    for (const number of numbers.slice(2)) {
      const { durationMs, stages, performance } = found.get(`${scenarioOf(number)}/e${number}`) as Execution
      const seen = [durationMs, stages.map((stage) => stage.durationMs), performance.creditsConsumed]
      expect([number, ...seen]).toEqual([number, 4000, [2000], number])
    }
    expect(JSON.stringify([...found.values()])).not.toContain('hunter')

    const firing = async (): Promise<readonly string[]> =>
      [...(await alerts()).values()].filter(({ status }) => status === 'firing').map(({ rule }) => rule)
    await until(async () => (await firing()).length === 3, 60_000, 'two failures and a threshold are alerts')
    expect([...(await firing())].sort()).toEqual(['creditThresholdReached', 'executionFailure', 'executionFailure'])
    const reached = [...(await alerts()).values()].find(({ rule }) => rule === 'creditThresholdReached')
    expect(reached?.value).toBe(credits)

    const taken = () => server.taken.filter(({ body }) => body.includes('creditThresholdReached'))
    await until(() => taken().length > 0, 60_000, 'the webhook has the notice')
    const { headers, body } = taken()[0] as ServiceRequest
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`
    const signature = createHmac('sha256', secret).update(signed).digest('base64')
    expect(headers['webhook-signature']).toBe(`v1,${signature}`)
    expect((JSON.parse(body) as Notice).alerts[0]?.group).toMatchObject({ organizationId: 'o' })

    const [letter] = await rig.peer.readAll(topics.deadLetters.name)
    expect(String(letter?.headers['__streams.errors.message'])).toContain('status (one of running, success')
  }, 480_000)
})
