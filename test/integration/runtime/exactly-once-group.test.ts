import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { requireServer } from '../../support/require-server.ts'
import { CountingGroup } from './counting-group.ts'
import { killed } from './counting-workers.ts'

requireServer('kafka').describe('two processes in a streams group, exactly-once', () => {
  let group: CountingGroup

  beforeAll(async () => {
    group = await CountingGroup.open('once')
  })

  afterAll(() => group?.close())

  test('every word is counted once, although one is killed in the middle of its transactions and comes back', async () => {
    const first = await group.startWorker('first', 'exactly-once')
    await group.startWorker('second', 'exactly-once')
    await group.untilSharedBy(2)
    await group.whileWordsFlow(async () => {
      await group.untilCountedOnce(200)
      await killed(first)
      await group.untilSharedBy(1)
      await group.startWorker('first', 'exactly-once')
      await group.untilSharedBy(2)
    })
    expect(await group.committedCounts()).toEqual(group.exactCounts)
  }, 300_000)
})
