import { expect, test } from '@jest/globals'
import { MillraceError } from '../../../../src/core/errors.ts'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { createMemoryDriver } from '../../../../src/kafka/memory/driver.ts'
import type { KafkaDriver } from '../../../../src/kafka/port.ts'
import { string } from '../../../../src/serde/primitives.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'

/** Of which the first commit in a transaction fails, so that it is aborted. */
function refusingOnce(driver: KafkaDriver): KafkaDriver {
  let hasFailed = false
  const make = driver.transactionalProducer.bind(driver)
  driver.transactionalProducer = (options) => {
    const producer = make(options)
    const commit = producer.commit.bind(producer)
    producer.commit = async (...all) => {
      if (hasFailed) return commit(...all)
      hasFailed = true
      throw new MillraceError('TRANSACTION_ABORTABLE', 'transaction-aborted', 'abort it')
    }
    return producer
  }
  return driver
}

test('where a task begins is committed also when the first transaction is aborted', async () => {
  const world = new SimulatedWorld()
  world.createTopics({ in: 1, out: 1 })
  world.write('in', [['a', 'before']])
  const builder = new StreamsBuilder()
  builder.stream('in', { key: string(), value: string(), offsetReset: 'latest' }).to('out')
  const options = { processingGuarantee: 'exactly-once', sessionTimeoutMs: 30_000 } as const
  const parts = { driver: refusingOnce(createMemoryDriver(world.cluster)) }
  const application = world.application(builder.build(), options, parts)
  await world.finish(application.start())
  const committed = () => world.cluster.group('app').committed([{ topic: 'in', partition: 0 }])
  await world.until(() => committed().length > 0)
  expect(committed()).toMatchObject([{ offset: 1 }])
  await world.finish(application.close())
})
