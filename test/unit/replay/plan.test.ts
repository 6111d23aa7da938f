import { describe, expect, test } from '@jest/globals'
import { StreamsBuilder, string } from '../../../src/index.ts'
import { elasticsearchSink } from '../../../src/sinks/index.ts'
import { ReplayWorld } from './replay-world.ts'

const dayMs = 86_400_000

function world(): ReplayWorld {
  const builder = new StreamsBuilder()
  builder.stream('in', { key: string(), value: string() }).toSink('search')
  const sink = elasticsearchSink({
    name: 'search',
    node: 'http://127.0.0.1:9200',
    index: 'logs-YYYY.MM.DD',
    setup: { shards: 3 },
  })
  return new ReplayWorld(builder.build(), { in: 2 }, { sinks: [sink] })
}

async function planned(request: Parameters<Awaited<ReturnType<ReplayWorld['replays']>>['preview']>[0]) {
  const some = world()
  for (let day = 0; day < 10; day++) some.append('in', day % 2, 'k', 'v', day * dayMs)
  const replays = await some.replays()
  try {
    return await some.finish(replays.preview(request))
  } finally {
    await some.finish(replays.close())
  }
}

describe('a plan', () => {
  test('tells records, indices and shards before anything is written', async () => {
    const { estimate } = await planned({ id: 'r1', fromMs: 2 * dayMs, toMs: 5 * dayMs })
    expect(estimate).toMatchObject({ records: 5, indices: 3, shards: 9 })
  })

  test('tells the duration that a throttle gives', async () => {
    const { estimate } = await planned({ id: 'r1', throttle: { recordsPerSecond: 2 } })
    expect(estimate.durationMs).toBe(5000)
  })

  test('writes documents again under their ids', async () => {
    const { outputs } = await planned({ id: 'r1' })
    expect(outputs).toMatchObject([{ name: 'search', outputClass: 'idempotent', action: 'write', target: 'search' }])
  })

  test('is empty in partitions that are not named, where offsets are given', async () => {
    const { partitions } = await planned({ id: 'r1', offsets: [{ topic: 'in', partition: 1, from: 1, to: 3 }] })
    expect(partitions).toMatchObject([
      { partition: 0, startOffset: 5, endOffset: 5 },
      { partition: 1, startOffset: 1, endOffset: 3 },
    ])
  })

  test('is refused for offsets of a partition that the topology does not read', async () => {
    const refused = planned({ id: 'r1', offsets: [{ topic: 'in', partition: 7 }] })
    await expect(refused).rejects.toThrow('offsets names in-7, which the topology does not read')
  })

  test('is refused where a pattern of the live application would read what the replay writes', async () => {
    const builder = new StreamsBuilder()
    builder.stream(/logs-.*/, { key: string(), value: string() }).to('logs-clean-up')
    const some = new ReplayWorld(builder.build(), { 'logs-a': 1 })
    const replays = await some.replays()
    const refused = some.finish(replays.preview({ id: 'r1' }))
    await expect(refused).rejects.toThrow('the topology reads logs-clean-up-replay-app-r1')
    await some.finish(replays.close())
  })

  test.each([
    ['an id that is no name', { id: 'a b' }],
    ['a range that ends before it begins', { id: 'r1', fromMs: 5, toMs: 5 }],
    ['times and offsets', { id: 'r1', fromMs: 5, offsets: [] }],
    ['a rate of nothing', { id: 'r1', throttle: { recordsPerSecond: 0 } }],
    ['more than all of a sink', { id: 'r1', throttle: { sinkShare: 2 } }],
    ['an output that the topology does not have', { id: 'r1', outputs: { other: 'mute' } }],
  ] as const)('is refused for %s', async (_, request) => {
    await expect(planned(request)).rejects.toMatchObject({ code: 'REPLAY_REQUEST' })
  })
})
