import { expect, test } from '@jest/globals'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { partitionOfKey } from '../../../../src/kafka/partitioner.ts'
import { string } from '../../../../src/serde/primitives.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'

const texts = { key: string(), value: string() }
const keysOf = (partition: number) =>
  Array.from({ length: 40 }, (_, index) => `k${index}`).filter(
    (key) => partitionOfKey(Buffer.from(key), 2) === partition,
  )

test('a record whose topic is not there yet holds up its own task alone, and is written once the topic is there', async () => {
  const world = new SimulatedWorld()
  world.createTopics({ in: 2, out: 1 })
  const builder = new StreamsBuilder()
  builder.stream('in', texts).to(({ value }) => value, texts)
  const application = world.application(builder.build())
  await world.finish(application.start())
  await world.until(() => application.state === 'RUNNING')
  const keysOfOther = keysOf(1)
  world.write('in', [[keysOf(0)[0] as string, 'late']])
  await world.run(50)
  world.write(
    'in',
    keysOfOther.map((key) => [key, 'out'] as const),
  )
  await world.until(() => world.uncommitted('app', 'in') === 1, 5000)
  expect(world.read('out')).toHaveLength(keysOfOther.length)

  world.createTopics({ late: 1 })
  await world.until(() => world.uncommitted('app', 'in') === 0, 5000)
  expect(world.read('late')).toHaveLength(1)
  await world.finish(application.close())
})
