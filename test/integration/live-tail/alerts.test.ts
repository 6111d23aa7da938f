import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type AlertChange, notices } from '../../../src/alerts/index.ts'
import {
  defineTopology,
  json,
  openTopicWriter,
  silentLogger,
  startStreams,
  type Streams,
  string,
} from '../../../src/index.ts'
import { notify } from '../../../topologies/alerting/notify.ts'
import { alertChange } from '../../support/notices.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import { act, ask } from '../../unit/live-tail/alert-scene.ts'
import { BrokerScene } from './broker-scene.ts'

const own = (name: string) => `tail-alerts-${process.pid}-${name}`
const alerts = {
  groupsTopic: `${own('worker')}-alert-groups-changelog`,
  silencesTopic: own('silences'),
  acknowledgementsTopic: own('acknowledgements'),
}
const definition = {
  receivers: [{ name: 'log' }],
  routes: [{ name: 'all', receivers: ['log'], groupBy: ['alert'], wait: '0s' }],
}

requireServer('kafka').describe('alerts of a worker on a real broker', () => {
  let scene: BrokerScene

  beforeAll(async () => {
    scene = await BrokerScene.open()
    await createTopics(1, 'compact', 'silences', 'sources')
    await createTopics(2, 'delete', 'changes', 'acknowledgements', 'moves', 'notices')
  }, 240_000)
  afterAll(() => scene?.close())

  const createTopics = (partitions: number, cleanup: string, ...names: readonly string[]) =>
    scene.client.driver.admin().createTopics(
      names.map((name) => ({
        name: own(name),
        partitions,
        replicationFactor: 1,
        configs: { 'cleanup.policy': cleanup },
      })),
      30_000,
    )

  function startWorker(): Promise<Streams> {
    const topology = defineTopology('alerts', (builder) => {
      const topics = {
        silences: own('silences'),
        acknowledgements: own('acknowledgements'),
        sources: own('sources'),
        moves: own('moves'),
        notices: own('notices'),
      }
      const changes = builder.stream(own('changes'), { key: string(), value: json<AlertChange>() })
      notify(builder, changes, { plan: notices(definition), notifiers: [], logger: silentLogger, topics })
    })
    const options = { commitIntervalMs: 100, offsetReset: 'earliest', logger: silentLogger } as const
    return startStreams({ applicationId: own('worker'), kafka: { bootstrap: scene.bootstrap }, ...options }, topology)
  }

  async function fire(service: string): Promise<void> {
    const writer = await openTopicWriter(scene.client.driver, own('changes'), { key: string(), value: json() })
    const change = alertChange(service, 'firing', { startMs: Date.now() })
    await writer.write(change.key, change)
    await writer.close()
  }

  const groupOf = async (port: number) => (await ask(port, '/alerts')).body.groups[0]

  test('are shown, acknowledged and silenced, and a live tail that starts later shows the same', async () => {
    const first = await scene.serve({ alerts })
    expect((await ask(first.port, '/alerts')).body.isComplete).toBe(false)
    const worker = await startWorker()
    try {
      await fire('checkout')
      await until(async () => (await groupOf(first.port)) !== undefined, 60_000)
      const group = await groupOf(first.port)
      expect((await act(first.port, { verb: 'acknowledge', id: group?.id })).status).toBe(200)
      await until(async () => (await groupOf(first.port))?.acknowledgement != null, 60_000)
      const silence = { verb: 'silence', id: group?.alerts[0]?.id, reason: 'upgrade', untilMs: Date.now() + 3_600_000 }
      expect((await act(first.port, silence)).status).toBe(200)
      await until(async () => (await groupOf(first.port))?.alerts[0]?.silence != null, 60_000)
      await scene.closeServers()
      const second = await scene.serve({ alerts })
      await until(async () => (await ask(second.port, '/alerts')).body.isComplete, 60_000)
      const shown = await groupOf(second.port)
      expect(shown).toMatchObject({ id: group?.id, acknowledgement: { author: expect.stringMatching(/127|::1/) } })
      expect(shown?.alerts[0]?.silence).not.toBeNull()
    } finally {
      await worker.close()
    }
  }, 240_000)
})
