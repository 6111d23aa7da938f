import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Guarantee, PeerApplication } from '../../../bench/kafka-streams/peer-application.ts'
import { inputs, outputs, shopTopology } from '../../../bench/kafka-streams/shop.ts'
import { startStreams } from '../../../src/index.ts'
import { CountingGroup } from '../../integration/runtime/counting-group.ts'
import { killed } from '../../integration/runtime/counting-workers.ts'
import { requireServer } from '../../support/require-server.ts'

requireServer('kafka').describe('one group with members of Kafka Streams for Java and of millrace', () => {
  let group: CountingGroup

  beforeAll(async () => {
    group = await CountingGroup.open('shared-group')
    await group.peer.createTopics(Object.fromEntries([...inputs, ...outputs].map((topic) => [topic, 2])))
  }, 120_000)

  afterAll(async () => {
    await PeerApplication.killAll()
    await group?.close()
  })

  const java = (applicationId: string) => ({
    bootstrap: group.bootstrap,
    applicationId,
    stateFolder: join(group.folder, `java-${applicationId}`),
    protocol: 'streams' as const,
  })

  const startJava = (guarantee: Guarantee = 'at-least-once') =>
    PeerApplication.start('java', { ...java('killed'), guarantee, topology: 'words', cacheBytes: 0 })

  test('they agree about a topology of windows, sessions and joins, and share its tasks', async () => {
    const other = await PeerApplication.start('java', java('shop'))
    const streams = await startStreams(
      {
        applicationId: 'shop',
        kafka: { bootstrap: [group.bootstrap] },
        groupProtocol: 'streams',
        heartbeatIntervalMs: 500,
        sessionTimeoutMs: 6000,
      },
      shopTopology(),
    )
    await streams.application.waitFor('RUNNING', 60_000)
    const { members } = await group.driver.admin().describeGroup('shop')
    expect(members.map(({ active }) => active?.length)).toEqual([4, 4])
    await streams.close()
    await other.close()
  }, 200_000)

  test('they share the tasks and hand them over in order, and nothing is lost or counted twice', async () => {
    const first = await startJava()
    await group.whileWordsFlow(async () => {
      await group.startWorker('first')
      await group.untilSharedBy(2)
    })
    expect(await group.committedCounts()).toEqual(group.exactCounts)

    await group.whileWordsFlow(async () => {
      await first.close()
      await group.untilSharedBy(1)
    })
    expect(await group.committedCounts()).toEqual(group.exactCounts)

    const again = await startJava()
    await group.whileWordsFlow(() => group.untilSharedBy(2))
    expect(await group.committedCounts()).toEqual(group.exactCounts)
    await again.close()
    await group.stopWorkers()
  }, 200_000)

  test('exactly-once, they take over from each other when one is killed, and nothing is lost or counted twice', async () => {
    const node = await group.startWorker('second', 'exactly-once')
    const first = await startJava('exactly-once')
    await group.untilSharedBy(2)
    await group.whileWordsFlow(async () => {
      await first.kill()
      await group.untilSharedBy(1)
    })
    const second = await startJava('exactly-once')
    await group.untilSharedBy(2)
    await group.whileWordsFlow(async () => {
      await killed(node)
      await group.untilSharedBy(1)
    })
    expect(await group.committedCounts()).toEqual(group.exactCounts)
    await second.close()
  }, 200_000)
})
