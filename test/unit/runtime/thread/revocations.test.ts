import { expect, test } from '@jest/globals'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import type { Application } from '../../../../src/runtime/application/application.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { RecordingLogger } from '../../../support/recording-logger.ts'
import { BlockingSink } from '../blocking-sink.ts'
import { copying } from '../topology-fixture.ts'
import { texts } from '../counting.ts'

const partitions = [0, 1, 2, 3]
const never = 1_000_000

function newWorld(): SimulatedWorld {
  const world = new SimulatedWorld()
  world.createTopics({ in: partitions.length, out: 1 })
  return world
}

async function run(world: SimulatedWorld, application: Application): Promise<void> {
  await world.finish(application.start())
  await world.until(() => application.state === 'RUNNING')
}

/** One record for each partition, which are processed and not committed. */
async function processed(world: SimulatedWorld, application: Application): Promise<void> {
  const before = application.status().totals.processed
  for (const partition of partitions) world.cluster.append('in', partition, Buffer.from('k'), Buffer.from('v'), 5)
  await world.until(() => application.status().totals.processed === before + partitions.length)
}

const committed = (world: SimulatedWorld, partition: number) =>
  world.cluster.group('app').committed([{ topic: 'in', partition }])[0]?.offset ?? 0
const partitionsOf = (application: Application) =>
  application.status().tasks.map(({ taskId }) => Number(taskId.split('_')[1]))

test('a revocation commits the tasks that are revoked, and no others', async () => {
  const world = newWorld()
  const first = world.application(copying(), { processId: 'first', commitIntervalMs: never })
  await run(world, first)
  await processed(world, first)
  // The first commit of a task comes at once.
  await world.until(() => partitions.every((partition) => committed(world, partition) === 1))
  await processed(world, first)
  const second = world.application(copying(), { processId: 'second', commitIntervalMs: never })
  await run(world, second)
  await world.until(() => partitionsOf(first).length === 2 && partitionsOf(second).length === 2)
  expect(partitionsOf(second).map((partition) => committed(world, partition))).toEqual([2, 2])
  expect(partitionsOf(first).map((partition) => committed(world, partition))).toEqual([1, 1])
  await world.finish(first.close())
  await world.finish(second.close())
  expect(world.read('out')).toHaveLength(2 * partitions.length)
})

test('a revocation whose commit is held up ends within commitTimeoutMs, and the next owner processes again', async () => {
  const world = newWorld()
  const builder = new StreamsBuilder()
  builder.stream('in', texts).toSink('target')
  const topology = builder.build()
  const [logger, blocked, free] = [new RecordingLogger(), new BlockingSink(1000), new BlockingSink(1000)]
  const sinkOf = (sink: BlockingSink) => ({ sinks: [{ name: 'target', create: () => sink }] })
  const options = { commitIntervalMs: never, commitTimeoutMs: 2000 }
  const first = world.application(topology, { ...options, processId: 'first' }, { logger, ...sinkOf(blocked) })
  await run(world, first)
  blocked.isBlocked = true
  await processed(world, first)
  const second = world.application(topology, { ...options, processId: 'second' }, sinkOf(free))
  const startedMs = world.clock.nowMs()
  await world.finish(second.start())
  await world.until(() => partitionsOf(second).length === 2)
  const tookMs = world.clock.nowMs() - startedMs
  expect(tookMs).toBeGreaterThanOrEqual(2000)
  expect(tookMs).toBeLessThan(3000)
  expect(logger.at('warn').map(({ message }) => message)).toContainEqual(
    expect.stringContaining('tasks closed without a commit'),
  )
  await world.until(() => second.status().totals.processed === 2)
  await world.finish(second.close())
  expect(free.written).toEqual(['v', 'v'])
  blocked.isBlocked = false
  await world.finish(first.close())
})

test('tasks that are lost abort the open transaction: what it held is written once, by the next commit', async () => {
  const world = newWorld()
  const options = { processingGuarantee: 'exactly-once', commitIntervalMs: 5000 } as const
  const application = world.application(copying(), options)
  await run(world, application)
  await processed(world, application)
  const committedOutputs = () => world.read('out').length
  await world.until(() => committedOutputs() === partitions.length)
  await processed(world, application)
  expect(committedOutputs()).toBe(partitions.length)
  world.cluster.group('app').fence(application.status().threads[0]?.memberId ?? '')
  await world.until(() => committedOutputs() > partitions.length)
  await world.finish(application.close())
  expect(committedOutputs()).toBe(2 * partitions.length)
  // The records of the aborted transaction are in the log too, and markers.
  const endOffset = world.cluster.topic('out').logs[0]?.endOffset
  expect(endOffset).toBeGreaterThanOrEqual(3 * partitions.length)
})
