import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { topics } from '../../../fleet/topics.ts'
import type { Notice } from '../../../src/alerts/index.ts'
import { builtProgram } from '../../support/built.ts'
import { committedValues } from '../../support/committed-values.ts'
import { alertChange } from '../../support/notices.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import { WireClient } from '../../support/wire-client.ts'
import { AlertsRig } from './alerts-rig.ts'

const causes = 20
const alertsOfCause = 500
const batches = 10

const options = {
  notices: `
receivers: [{ name: hook, storm: { notices: 20, within: 10m, summary: 15s } }]
routes: [{ name: all, receivers: [hook], wait: 2s, interval: 1s, repeat: never, escalate: false }]
flapping: off
`,
  notifiers: `
notifiers: [{ name: hook, webhook: { url: { env: HOOK_URL } } }]
`,
  environment: { PROCESSING_GUARANTEE: 'exactly-once' },
}

requireServer('kafka').describe(
  '10,000 alerts of 20 causes, under exactly-once, and a worker that is killed with -9',
  () => {
    let rig: AlertsRig
    let client: WireClient

    beforeAll(async () => {
      builtProgram('workers/alerts')
      rig = await AlertsRig.start(options)
      client = new WireClient(rig.fleet.kafka.bootstrap)
      await rig.startWorker()
    }, 120_000)

    afterAll(async () => {
      await client?.close()
      await rig?.stop()
    })

    async function fire(batch: number): Promise<void> {
      const startMs = Date.now()
      const count = (causes * alertsOfCause) / batches
      const changes = Array.from({ length: count }, (_, index) => {
        const number = batch * count + index
        const service = `service-${Math.floor(number / causes)}`
        return alertChange(service, 'firing', { rule: `cause-${number % causes}`, startMs, timeMs: startMs })
      })
      const messages = changes.map((change) => ({ key: change.key, value: JSON.stringify(change) }))
      await rig.fleet.peer.send(topics.alertChanges.name, messages)
    }

    /** Each notice once, however often it was delivered. */
    const taken = (): readonly Notice[] => {
      const byId = new Map(rig.server.taken.map(({ body }) => JSON.parse(body) as Notice).map((one) => [one.id, one]))
      return [...byId.values()]
    }

    test('become 25 notices at most, which tell of each alert once', async () => {
      for (let batch = 0; batch < batches / 2; batch++) await fire(batch)
      await until(() => taken().length > 0, 60_000, 'the first notice')
      const restarted = rig.killAndRestart()
      for (let batch = batches / 2; batch < batches; batch++) await fire(batch)
      await restarted
      await until(() => told(taken()) >= causes * alertsOfCause, 90_000, 'all alerts are told of')
      const notices = taken()
      expect(told(notices)).toBe(causes * alertsOfCause)
      expect(notices.length).toBeLessThanOrEqual(25)
      const ids = (await committedValues<Notice>(client.driver, topics.alertNotices.name)).map(({ id }) => id)
      expect(ids.toSorted()).toEqual(notices.map(({ id }) => id).toSorted())
    }, 180_000)
  },
)

/** How many alerts the notices tell of: each group by its last one, and what summaries add to it. */
function told(notices: readonly Notice[]): number {
  const groups = new Map<string, number>()
  let summaries = 0
  for (const { kind, dedupKey, alertCount } of notices) {
    if (kind === 'digest') summaries += alertCount
    else groups.set(dedupKey, Math.max(alertCount, groups.get(dedupKey) ?? 0))
  }
  return summaries + [...groups.values()].reduce((sum, count) => sum + count, 0)
}
