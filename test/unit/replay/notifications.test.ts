import { describe, expect, test } from '@jest/globals'
import { replayHeader, StreamsBuilder, string } from '../../../src/index.ts'
import { allWritten, batchingSinkFactory, type SinkBatch, type SinkRecord } from '../../../src/sinks/index.ts'
import { ReplayWorld } from './replay-world.ts'

/** A pager: what it is sent wakes somebody up. */
class Pager {
  readonly calls: unknown[] = []

  open = async () => {}
  close = async () => {}
  newBatch = () => new Calls()
  write = async (batch: Calls) => {
    this.calls.push(...batch.values)
    return allWritten
  }
}

class Calls implements SinkBatch {
  readonly values: unknown[] = []
  readonly bytes = 1
  get records() {
    return this.values.length
  }
  add(record: SinkRecord) {
    this.values.push(record.value)
    return true
  }
  release() {}
}

function alerts() {
  const builder = new StreamsBuilder()
  builder.stream('alerts', { key: string(), value: string() }).toSink('pager')
  return builder.build()
}

function world(pager: Pager): ReplayWorld {
  const made = new ReplayWorld(alerts(), { alerts: 2 })
  const sink = batchingSinkFactory({ name: 'pager', clock: made.clock, batch: { maxAgeMs: 10 } }, pager)
  Object.assign(made.config, { sinks: [sink] })
  return made
}

describe('10,000 firing alerts', () => {
  test('notify nobody in a replay', async () => {
    const pager = new Pager()
    const some = world(pager)
    for (let index = 0; index < 10_000; index++) some.append('alerts', index % 2, 'cpu', 'firing', 1000 + index)
    await some.replay({ id: 'r1' })
    const replays = await some.replays()
    const { outputs } = await some.finish(replays.status('r1'))
    await some.finish(replays.close())
    expect(pager.calls).toHaveLength(0)
    expect(Object.values(outputs)[0]?.results).toBe(10_000)
  })

  test('notify nobody in a live application, where a replay produced them', async () => {
    const pager = new Pager()
    const some = world(pager)
    const mark = [{ key: replayHeader, value: Buffer.from('r1') }]
    for (let index = 0; index < 10_000; index++)
      some.cluster.append('alerts', index % 2, Buffer.from('cpu'), Buffer.from('firing'), 1000 + index, mark)
    await some.runLive([['alerts', 0, 'cpu', 'firing: not of a replay', 20_000]])
    expect(pager.calls).toEqual(['firing: not of a replay'])
  })

  test('go to a topic of the replay where that is asked for', async () => {
    const some = world(new Pager())
    some.append('alerts', 0, 'cpu', 'firing', 1000)
    await some.replay({ id: 'r1', outputs: { pager: 'topic' } })
    expect(some.lines('app-replay-r1-pager')).toEqual(['cpu="firing"@1000'])
  })
})
