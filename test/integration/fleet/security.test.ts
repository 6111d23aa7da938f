import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { topics } from '../../../fleet/topics.ts'
import type { Alert } from '../../../schemas/alert.ts'
import type { ResponseAction } from '../../../src/alerts/index.ts'
import { builtProgram } from '../../support/built.ts'
import { committedValues } from '../../support/committed-values.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import { WireClient } from '../../support/wire-client.ts'
import { AlertsRig } from './alerts-rig.ts'
import type { WorkerProcess } from './fleet-rig.ts'

const root = join(import.meta.dirname, '../../..')
const environment = { SECURITY_RULES: join(root, 'security/rules'), PROCESSING_GUARANTEE: 'exactly-once' }
const notices = `
receivers: [{ name: hook }]
routes: [{ name: all, receivers: [hook], wait: 0s, repeat: never, escalate: false }]
`
const notifiers = 'notifiers: [{ name: hook, webhook: { url: { env: HOOK_URL } } }]\n'
const guessed = Array.from({ length: 12 }, (_, index) => `203.0.113.${index + 1}`)
const given = Array.from({ length: 12 }, (_, index) => `198.51.100.${index + 1}`)

requireServer('kafka').describe('correlations of Sigma rules, under exactly-once', () => {
  let rig: AlertsRig
  let client: WireClient
  let alerts: WorkerProcess

  beforeAll(async () => {
    for (const kind of ['alerts', 'audit']) builtProgram(`workers/${kind}`)
    rig = await AlertsRig.start({ notices, notifiers, environment })
    client = new WireClient(rig.fleet.kafka.bootstrap)
    const [started] = await Promise.all([rig.startWorker(), rig.fleet.worker('audit', environment)])
    alerts = started
  }, 120_000)

  afterAll(async () => {
    await client?.close()
    await rig?.stop()
  })

  let port = 1024
  const failed = (address: string): string => `sshd[71]: Failed password for ann from ${address} port ${port++} ssh2`
  const accepted = (address: string): string =>
    `sshd[72]: Accepted password for ann from ${address} port ${port++} ssh2`

  async function write(lines: readonly string[]): Promise<void> {
    const time = new Date().toUTCString()
    const [, day, month, , clock] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(time) ?? []
    const messages = lines.map((line) => ({ key: line, value: `${month} ${day} ${clock} bastion ${line}` }))
    await rig.fleet.peer.send(topics.audit.name, messages)
  }

  /** Everything that was written has reached the worker that owns the alerts. */
  async function untilRead(): Promise<void> {
    const { peer } = rig.fleet
    const isRead = async () => (await peer.lag('fastmcp-log-consumers-audit', topics.audit.name)) === 0
    await until(isRead, 60_000, 'all lines are read')
    const lags = async () => [...(await alerts.lags(topics.alertObservations.name)).values()]
    await until(async () => (await lags()).some((lag) => lag === 0), 60_000, 'observations are read')
    await until(async () => (await lags()).every((lag) => lag === 0), 60_000, 'all observations are read')
  }

  test('count on after a kill -9, with other owners of their state', async () => {
    for (let time = 0; time < 6; time++) await write([...guessed, ...given].map(failed))
    await untilRead()
    const restarted = rig.killAndRestart()
    // Another member gets a part of the tasks.
    await rig.fleet.worker('alerts', environment)
    await restarted
    for (let time = 0; time < 4; time++) await write(guessed.map(failed))
    await write([...guessed, ...given].map(accepted))
    const found = async (): Promise<readonly Alert[]> =>
      (await committedValues<Alert>(client.driver, topics.alerts.name)).filter(
        ({ rule, status }) => rule === 'sigma-login-after-many-failures' && status === 'firing',
      )
    await until(async () => (await found()).length >= guessed.length, 90_000, 'each address with ten failures is found')
    const groups = (await found()).map(({ details }) => (details.group as { source: string }).source)
    expect(groups.toSorted()).toEqual(guessed.toSorted())
    const responses = await committedValues<ResponseAction>(client.driver, topics.responseActions.name)
    const blocked = responses.filter(({ action }) => action === 'block-ip').map(({ target }) => target?.value)
    expect(blocked.toSorted()).toEqual(guessed.toSorted())
  }, 180_000)
})
