import { expect, test } from '@jest/globals'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { string } from '../../../../src/serde/primitives.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'

const texts = { key: string(), value: string() }
const copied = (world: SimulatedWorld) => world.read('out').map(({ value }) => Buffer.from(value ?? []).toString())
const numbered = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => [null, `${name}${index}`, index] as const)
const committed = (world: SimulatedWorld, topic: string) =>
  world.cluster.group('app').committed([{ topic, partition: 0 }])

async function reading(topics: string | RegExp) {
  const world = new SimulatedWorld()
  world.createTopics({ 'logs-a': 1, 'logs-b': 1, out: 1 })
  const builder = new StreamsBuilder()
  builder.stream(topics as RegExp, texts).to('out', texts)
  const application = world.application(builder.build(), { topicRefreshIntervalMs: 5000 })
  await world.finish(application.start())
  await world.until(() => application.state === 'RUNNING')
  return { world, application }
}

test('a topic that a pattern matched and that is deleted with a lag does not hold up the others', async () => {
  const { world, application } = await reading(/logs-.*/)
  world.write('logs-a', numbered('a', 3))
  world.write('logs-b', numbered('b', 3))
  await world.until(() => copied(world).length === 6)
  world.write('logs-a', numbered('lost', 500))
  world.cluster.deleteTopic('logs-a')
  world.write('logs-b', numbered('late', 50))
  await world.until(() => world.uncommitted('app', 'logs-b') === 0 && copied(world).includes('late49'))
  const read = () => application.status().tasks.flatMap(({ partitions }) => partitions.map(({ topic }) => topic))
  await world.until(() => read().length === 1)
  expect([application.state, read()]).toEqual(['RUNNING', ['logs-b']])
  await world.run(1000)
  expect(committed(world, 'logs-a')).toEqual([])
  await world.finish(application.close())
})

test('what was read of a topic and not committed when it was deleted does not keep the rest from being committed', async () => {
  const { world, application } = await reading(/logs-.*/)
  world.write('logs-a', numbered('a', 3))
  world.write('logs-b', numbered('b', 3))
  for (let turn = 0; turn < 500 && copied(world).length < 6; turn++) await world.run(1)
  world.cluster.deleteTopic('logs-a')
  await world.until(() => world.uncommitted('app', 'logs-b') === 0)
  expect([application.state, copied(world).length]).toEqual(['RUNNING', 6])
  await world.finish(application.close())
})

test('a topic that comes back under its name is read from its start', async () => {
  const { world, application } = await reading(/logs-.*/)
  world.write('logs-a', numbered('a', 3))
  await world.until(() => copied(world).length === 3)
  world.cluster.deleteTopic('logs-a')
  await world.until(() => application.status().tasks.every(({ partitions }) => partitions.length === 1))
  world.createTopics({ 'logs-a': 1 })
  world.write('logs-a', numbered('new', 5))
  await world.until(() => copied(world).length === 8, 400_000)
  expect(copied(world).slice(3)).toEqual(numbered('new', 5).map(([, value]) => value))
  await world.finish(application.close())
})

test('a topic that a source names and that is deleted ends the application, as in Kafka Streams', async () => {
  const { world, application } = await reading('logs-a')
  world.cluster.deleteTopic('logs-a')
  await world.until(() => application.state === 'ERROR', 400_000)
  expect(application.failure).toMatchObject({ code: 'MISSING_SOURCE_TOPICS' })
  await world.finish(application.close())
})
