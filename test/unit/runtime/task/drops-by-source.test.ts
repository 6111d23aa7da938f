import { expect, test } from '@jest/globals'
import { long, StreamsBuilder, string, tumblingWindows } from '../../../../src/index.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'

const serdes = { key: string(), value: string() }

test('what live and replayed topics lose to closed windows is counted for each of them', async () => {
  const world = new SimulatedWorld()
  world.createTopics({ live: 1, replayed: 1, counts: 1 })
  const builder = new StreamsBuilder()
  builder
    .stream(['live', 'replayed'], serdes)
    .groupByKey()
    .windowedBy(tumblingWindows({ sizeMs: 1000 }))
    .count({ store: 'counts' })
    .toStream((window) => window.key)
    .to('counts', { key: string(), value: long() })
  const application = world.application(builder.build())
  await world.finish(application.start())
  const put = (topic: string, ...times: number[]) =>
    world.write(
      topic,
      times.map((time) => ['a', 'v', time] as const),
    )
  put('live', 100_000)
  await world.until(() => application.status().totals.processed === 1)
  put('replayed', 1000, 2000, 3000)
  put('live', 5000)
  await world.until(() => application.status().totals.processed === 5)

  const { droppedByReason, droppedByTopic } = application.status().totals
  expect(droppedByTopic).toEqual({ replayed: { 'expired window': 3 }, live: { 'expired window': 1 } })
  expect(droppedByReason).toEqual({ 'expired window': 4 })
  await world.finish(application.close())
})
