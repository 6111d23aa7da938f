import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Notice } from '../../../src/alerts/index.ts'
import { topics } from '../../../fleet/topics.ts'
import { builtProgram } from '../../support/built.ts'
import { requireServer } from '../../support/require-server.ts'
import { AlertsRig } from './alerts-rig.ts'
import { startWorkerProcess } from './fleet-rig.ts'

const sleep = (delayMs: number) => new Promise((resolve) => setTimeout(resolve, delayMs))

beforeAll(() => {
  builtProgram('workers/alerts')
}, 120_000)

test('a worker whose receivers nobody reaches names them, and ends with 2', async () => {
  const { process } = await startWorkerProcess('alerts', {
    KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1',
    ALERTS_NOTICES_FILE: '/nowhere/notices.yaml',
  })
  expect(await process.exitCode(30_000)).toBe(2)
  expect(process.textOf('stderr')).toMatch(/ALERTS_NOTICES_FILE/)
})

requireServer('kafka').describe('the worker that owns the alerts, killed with -9', () => {
  let rig: AlertsRig

  beforeAll(async () => {
    rig = await AlertsRig.start()
    await rig.startWorker()
  }, 120_000)

  afterAll(() => rig?.stop())

  /** Fires, and is killed when it has come to a state; then all that is left is to come. */
  async function life(service: string, killedIn: 'waiting' | 'fired' | 'repeated' | 'resolved'): Promise<void> {
    const startMs = Date.now()
    await rig.change(service, 'firing', startMs)
    if (killedIn === 'waiting') await sleep(1500)
    else await rig.untilTaken(service, 'fire')
    if (killedIn === 'repeated' || killedIn === 'resolved') await rig.untilTaken(service, 'repeat')
    if (killedIn !== 'resolved') await rig.killAndRestart()
    await rig.untilTaken(service, 'repeat', killedIn === 'repeated' ? 2 : 1)
    await rig.change(service, 'resolved', startMs)
    await rig.untilTaken(service, 'resolve')
    if (killedIn === 'resolved') await rig.killAndRestart()
    // Long enough for a reminder that nobody should get.
    await sleep(6000)
  }

  test.each(['waiting', 'fired', 'repeated', 'resolved'] as const)(
    'while an alert is %s sends each notice, and once more at most, and no other',
    async (state) => {
      await life(state, state)
      const ids = rig.taken(state).map(({ id }) => id)
      const kinds = [...new Set(ids)].map((id) => rig.taken(state).find((notice) => notice.id === id)?.kind)
      expect([kinds[0], kinds.at(-1)]).toEqual(['fire', 'resolve'])
      expect(kinds.filter((kind) => kind !== 'repeat')).toEqual(['fire', 'resolve'])
      const extra = ids.filter((id, index) => ids.indexOf(id) !== index)
      expect(extra).toEqual([...new Set(extra)])
    },
    120_000,
  )

  test('sends what is in the topic of notices, and nothing else', async () => {
    const records = await rig.fleet.peer.readAll(topics.alertNotices.name)
    const inTopic = records.map(({ value }) => (JSON.parse(String(value)) as Notice).id)
    const taken = rig.server.taken.map(({ body }) => (JSON.parse(body) as Notice).id)
    expect([...new Set(taken)].sort()).toEqual([...new Set(inTopic)].sort())
  })
})
