import { expect, test } from '@jest/globals'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { string } from '../../../../src/serde/primitives.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import type { ProcessorContext } from '../../../../src/topology/processor-api.ts'
import { BlockingSink } from '../blocking-sink.ts'

const texts = { key: string(), value: string() }

/** What a processor hears every 100 ms while it copies records to a sink; `during`: what it heard for each record. */
function listening() {
  const heard = { last: false, during: [] as boolean[] }
  let context: ProcessorContext<string, string> | undefined
  const builder = new StreamsBuilder()
  builder
    .stream('in', texts)
    .process<string, string>({
      create: () => ({
        init: (own) => {
          context = own
          own.schedule(100, 'wall-clock-time', () => {
            heard.last = own.isCaughtUp()
          })
        },
        process: (record) => {
          heard.during.push(context?.isCaughtUp() ?? true)
          context?.forward(record)
        },
      }),
    })
    .toSink('blocking')
  return { heard, topology: builder.build() }
}

test('a task whose records wait for its sink is not caught up, and it is when the sink has taken them', async () => {
  const world = new SimulatedWorld()
  world.createTopics({ in: 1 })
  world.isWatched = false
  const { heard, topology } = listening()
  const sink = new BlockingSink(2)
  const sinks = [{ name: 'blocking', create: () => sink }]
  const application = world.application(topology, { bufferedRecordsPerPartition: 1 }, { sinks })
  await world.finish(application.start())
  await world.until(() => heard.last)
  sink.isBlocked = true
  world.write('in', [
    ['a', '1'],
    ['b', '2'],
    ['c', '3'],
    ['d', '4'],
  ])
  await world.until(() => sink.isFull && !heard.last)
  const waiting: boolean[] = []
  for (let step = 0; step < 50; step++) {
    await world.run(200)
    waiting.push(heard.last)
  }
  expect(waiting).toEqual(waiting.map(() => false))
  sink.isBlocked = false
  await world.until(() => heard.last && sink.written.length === 4)
  expect(sink.written).toEqual(['1', '2', '3', '4'])
  expect(heard.during).toEqual([false, false, false, false])
  await world.finish(application.close())
})
