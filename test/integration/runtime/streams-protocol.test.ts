import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import { CountingGroup } from './counting-group.ts'
import { killed, lastCounts, untilCommitted, untilCounted } from './counting-workers.ts'

requireServer('kafka').describe('an application in a streams group', () => {
  let group: CountingGroup

  beforeAll(async () => {
    group = await CountingGroup.open('streams-protocol')
  })

  afterAll(() => group?.close())

  const untilEven = () =>
    until(async () => String(await group.shares()) === '4,4', 30_000, 'both processes have the same number of tasks')

  test('two processes share the tasks, hand them over in order, and take over from one that is killed', async () => {
    const { peer, driver } = group
    const first = await group.startWorker('first')
    await group.send(1000)
    await untilCounted(peer, 1000)
    const created = await driver.admin().describeTopics(['killed-by-word-repartition', 'killed-counts-changelog'])
    expect(created.map(({ partitions }) => partitions.length)).toEqual([4, 4])

    const second = await group.startWorker('second')
    await untilEven()
    await group.send(1000)
    await untilCounted(peer, 2000)
    // Handed over in order: nothing is counted twice.
    expect(await lastCounts(peer)).toEqual(group.exactCounts)

    first.kill('SIGTERM')
    expect((await once(first, 'exit'))[0]).toBe(0)
    await group.send(1000)
    await untilCounted(peer, 3000)
    expect(await lastCounts(peer)).toEqual(group.exactCounts)

    await group.startWorker('third')
    await untilEven()
    await group.send(5000)
    await killed(second)
    await untilCounted(peer, 8000)
    await untilCommitted(peer)
    // At least once: what the killed process had not committed is counted again.
    for (const [, count] of await lastCounts(peer)) expect(count).toBeGreaterThanOrEqual(1600)
  }, 240_000)
})
