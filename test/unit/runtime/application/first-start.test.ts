import { describe, expect, test } from '@jest/globals'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { string } from '../../../../src/serde/primitives.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { RecordingLogger } from '../../../support/recording-logger.ts'
import { copying } from '../topology-fixture.ts'

describe('a first start', () => {
  test('says within a second or two that an output topic does not exist, and fails when it is not made', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 1 })
    const logger = new RecordingLogger()
    const application = world.application(copying(), { missingTopicsTimeoutMs: 9000 }, { logger })
    await world.finish(application.start())
    const told = () => logger.lines.filter(({ message }) => message === 'waiting for output topics')
    for (let step = 0; step < 40; step++) await world.run(50)
    expect(told()).toMatchObject([
      { level: 'warn', fields: { error: 'topic out does not exist: create it [UNKNOWN_TOPIC]', givenUpInMs: 8000 } },
    ])
    await world.until(() => application.state === 'ERROR')
    expect(application.failure).toMatchObject({ code: 'UNKNOWN_TOPIC' })
    expect(told()).toHaveLength(3)
    await world.finish(application.close())
  })

  test('a first start continues when an output topic is created in time, and can be closed while it waits', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 1 })
    const application = world.application(copying())
    const other = world.application(copying(), { applicationId: 'other' })
    await world.finish(application.start())
    await world.finish(other.start())
    for (let step = 0; step < 100; step++) await world.run(50)
    await world.finish(other.close({ timeoutMs: 5000 }))
    world.createTopics({ out: 1 })
    await world.until(() => application.state === 'RUNNING')
    await world.finish(application.close())
  })

  test('refuses a topology that reads nothing', async () => {
    const world = new SimulatedWorld()
    const application = world.application(new StreamsBuilder().build())
    await expect(world.finish(application.start())).rejects.toMatchObject({
      code: 'TOPOLOGY_INVALID',
      message: expect.stringContaining('begin with builder.stream(topic)'),
    })
  })

  test('the error of a record says where the program threw', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 1, out: 1 })
    world.write('in', [['k', 'v', 0]])
    const logger = new RecordingLogger()
    const builder = new StreamsBuilder()
    const text = { key: string(), value: string() }
    builder
      .stream('in', text)
      .mapValues((value) => (value as unknown as { a: { b: string } }).a.b)
      .to('out', text)
    const application = world.application(builder.build(), {}, { logger })
    await world.finish(application.start())
    await world.until(() => application.state === 'ERROR')
    const [failed] = logger.lines.filter(({ message }) => message === 'thread failed')
    expect(failed?.fields['at']).toMatch(/^at .*first-start\.test\.ts:\d+/)
    await world.finish(application.close())
  })
})
