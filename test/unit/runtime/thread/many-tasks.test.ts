import { afterEach, expect, test } from '@jest/globals'
import { setImmediate as turn } from 'node:timers/promises'
import type { Sink } from '../../../../src/sinks/port.ts'
import { CaptureSink } from '../../../../src/testing/capture.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { string } from '../../../../src/serde/primitives.ts'

const taskCount = 12
let turns = 0
let isOver = false

/** Notes the turn of the event loop in which it is opened, and that in which it is closed. */
class TurnSink extends CaptureSink {
  openedIn = -1
  closedIn = -1

  override async open(): Promise<void> {
    this.openedIn = turns
  }
  override async close(): Promise<void> {
    this.closedIn = turns
  }
}

async function countTurns(): Promise<void> {
  for (; !isOver; turns++) await turn()
}

afterEach(() => {
  isOver = true
})

test('tasks are opened, and closed, in turns of their own: heartbeats do not wait for all of them', async () => {
  const world = new SimulatedWorld()
  world.createTopics({ in: taskCount })
  const builder = new StreamsBuilder()
  builder.stream('in', { key: string(), value: string() }).toSink('noting', { name: 'to-noting' })
  const sinks: TurnSink[] = []
  const create = (): Sink => {
    const sink = new TurnSink()
    sinks.push(sink)
    return sink
  }
  const application = world.application(builder.build(), {}, { sinks: [{ name: 'noting', create }] })
  void countTurns()
  await world.finish(application.start())
  await world.until(() => application.status().tasks.length === taskCount)
  await world.finish(application.close())
  expect(sinks).toHaveLength(taskCount)
  expect(new Set(sinks.map(({ openedIn }) => openedIn)).size).toBe(taskCount)
  expect(new Set(sinks.map(({ closedIn }) => closedIn)).size).toBe(taskCount)
})
