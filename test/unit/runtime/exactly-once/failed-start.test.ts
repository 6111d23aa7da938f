import { expect, test } from '@jest/globals'
import { MillraceError } from '../../../../src/core/errors.ts'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { string } from '../../../../src/serde/primitives.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import type { Processor } from '../../../../src/topology/processor-api.ts'

const texts = { key: string(), value: string() }

/** Each task says that it begins; the first try of one of them fails after that, with an error that passes. */
function greeting() {
  let hasFailed = false
  const builder = new StreamsBuilder()
  const create = (): Processor<string, string, string, string> => ({
    init(context) {
      context.forward({ key: context.taskId, value: 'begins', timestamp: 0 })
      if (context.taskId !== '0_1' || hasFailed) return
      hasFailed = true
      throw new MillraceError('REQUEST_TIMED_OUT', 'retriable', 'not now')
    },
    process() {},
  })
  builder.stream('in', texts).process({ create }).to('out', texts)
  return builder.build()
}

test('a task whose start fails after it has sent something sends it once', async () => {
  const world = new SimulatedWorld()
  world.createTopics({ in: 2, out: 1 })
  const application = world.application(greeting(), { processingGuarantee: 'exactly-once', sessionTimeoutMs: 30_000 })
  await world.finish(application.start())
  await world.until(() => application.state === 'RUNNING')
  world.write('in', [
    ['a', 'a'],
    ['b', 'b'],
    ['c', 'c'],
    ['d', 'd'],
  ])
  await world.until(() => world.uncommitted('app', 'in') === 0)
  const begun = world.read('out').map(({ key }) => Buffer.from(key ?? []).toString())
  expect(begun.toSorted()).toEqual(['0_0', '0_1'])
  await world.finish(application.close())
})
