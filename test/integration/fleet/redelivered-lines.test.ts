import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { topics } from '../../../fleet/topics.ts'
import { builtProgram } from '../../support/built.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import { FleetRig } from './fleet-rig.ts'
import { ndjson, temporaryFolder } from './start-process.ts'

const input = topics.application.name
const group = 'fastmcp-log-consumers-application'
const duplicates = 'fleet-duplicates'
const partition = 2

/** Within what clocks may say, and long enough ago that it can come again later. */
const happenedMs = Date.now() - 120_000
const time = new Date(happenedMs)
  .toISOString()
  .replace('T', ' ')
  .replace(/\.\d+Z/, ',120')
const lines = [
  `${time} INFO dfs.DataNode$PacketResponder: PacketResponder 1 for block terminating`,
  `${time} INFO [main] shop.Cart: order accepted`,
]

requireServer('kafka').describe('lines without an id, by content', () => {
  let rig: FleetRig

  beforeAll(async () => {
    builtProgram('workers/application')
    rig = await FleetRig.start()
  })

  afterAll(async () => {
    await rig?.stop()
  })

  const isRead = () => until(async () => (await rig.peer.lag(group, input)) === 0, 60_000, 'all is committed')

  /** Each line as often as `times`, received so long after it happened. */
  async function send(times: number, afterMs: number): Promise<void> {
    const delivery = Array.from({ length: times }, () => lines).flat()
    const messages = delivery.map((value) => ({ key: 'web-1', value, partition, timestampMs: happenedMs + afterMs }))
    await rig.peer.send(input, messages)
  }

  test('are kept as often as they happened, and dropped when they are sent again, although workers are killed', async () => {
    const environment = {
      STATE_DIRECTORY: join(temporaryFolder(), 'state'),
      FILES_DIRECTORY: temporaryFolder(),
      COMMIT_INTERVAL_MS: '100',
      KAFKA_SESSION_TIMEOUT_MS: '6000',
      DEDUPE_BY: 'content',
      DEDUPE_TOPIC: duplicates,
    }
    await send(2, 0)
    const first = await rig.worker('application', environment)
    await isRead()
    await first.process.kill()
    // The same delivery continues: the worker after it has to know its numbers.
    await send(1, 100)
    const second = await rig.worker('application', environment)
    await isRead()
    await second.process.kill()
    await send(3, 30_000)
    const third = await rig.worker('application', environment)
    await isRead()
    third.process.signal('SIGTERM')
    expect(await third.process.exitCode(60_000)).toBe(0)

    const documents = Object.values(ndjson(join(environment.FILES_DIRECTORY, 'elasticsearch'))).flat()
    const messages = documents.map(({ message }) => message).toSorted()
    const [cart, packet] = ['order accepted', 'PacketResponder 1 for block terminating']
    expect(messages).toEqual([packet, packet, packet, cart, cart, cart])
    const origins = (await rig.peer.readAll(duplicates)).map(({ headers }) => String(headers['document-id']))
    expect(origins.toSorted()).toEqual(
      [6, 7, 8, 9, 10, 11].map((offset) => `${input}-${partition}-${offset}`).toSorted(),
    )
  }, 180_000)
})
