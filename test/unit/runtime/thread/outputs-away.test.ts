import { expect, test } from '@jest/globals'
import { MillraceError } from '../../../../src/core/errors.ts'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { partitionOfKey } from '../../../../src/kafka/partitioner.ts'
import { string } from '../../../../src/serde/primitives.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'

const texts = { key: string(), value: string() }
const keysOf = (partition: number) =>
  Array.from({ length: 40 }, (_, index) => `k${index}`).filter(
    (key) => partitionOfKey(Buffer.from(key), 2) === partition,
  )
const [mine, other] = [keysOf(0)[0] as string, keysOf(1)[0] as string]

test('an unreachable dead-letter topic delays only tasks that have dead letters', async () => {
  const world = new SimulatedWorld()
  world.createTopics({ in: 2, out: 1, letters: 1 })
  const builder = new StreamsBuilder()
  builder
    .stream('in', texts)
    .mapValues((value) => {
      if (value === 'poison') throw new MillraceError<'POISON'>('POISON', 'record', 'poison')
      return value
    })
    .to('out', texts)
  const application = world.application(builder.build(), { processingHandler: 'continue', deadLetterTopic: 'letters' })
  await world.finish(application.start())
  await world.until(() => application.state === 'RUNNING')
  world.cluster.deleteTopic('letters')
  world.write('in', [[mine, 'poison']])
  await world.run(50)
  for (let round = 0; round < 70; round++) {
    world.write('in', [[other, 'good']])
    await world.until(() => world.uncommitted('app', 'in') === 1, 300)
  }
  expect(application.status().threads).toMatchObject([{ state: 'RUNNING' }])

  world.createTopics({ letters: 1 })
  await world.until(() => world.uncommitted('app', 'in') === 0, 5000)
  expect(world.read('letters')).toHaveLength(1)
  await world.finish(application.close())
})

test('dead letters whose topic stays away end the task with TASK_TIMEOUT', async () => {
  const world = new SimulatedWorld()
  world.isWatched = false
  world.createTopics({ in: 2, out: 1, letters: 1 })
  const builder = new StreamsBuilder()
  builder
    .stream('in', texts)
    .mapValues((): string => {
      throw new MillraceError<'POISON'>('POISON', 'record', 'poison')
    })
    .to('out', texts)
  const options = { processingHandler: 'continue', deadLetterTopic: 'letters', taskTimeoutMs: 20_000 } as const
  const application = world.application(builder.build(), options)
  await world.finish(application.start())
  await world.until(() => application.state === 'RUNNING')
  world.cluster.deleteTopic('letters')
  world.write('in', [[mine, 'poison']])
  await world.until(() => application.state === 'ERROR', 40_000)
  expect(application.failure).toMatchObject({ code: 'TASK_TIMEOUT' })
  expect(String(application.failure)).toContain('letters')
  await world.finish(application.close())
})
