import { describe, expect, test } from '@jest/globals'
import { StreamsBuilder } from '../../../src/dsl/streams-builder.ts'
import { SimulatedWorld } from '../../../src/testing/simulator.ts'
import { keyed, texts, values } from '../known-defects/scene.ts'

describe('a table whose source topic is its changelog', () => {
  const build = () => {
    const builder = new StreamsBuilder()
    const names = builder.table('names', { ...texts, store: 'names' })
    builder
      .stream('in', texts)
      .join(names, (value, name) => `${value}/${name}`)
      .to('out', texts)
    return builder.build({ optimize: 'all' })
  }

  test('is restored from it, up to what was committed, and nothing is written to it', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ names: 1, in: 1, out: 1 })
    const first = world.application(build())
    await world.finish(first.start())
    world.write('names', keyed(5))
    await world.until(() => world.uncommitted('app', 'names') === 0)
    await world.finish(first.close())
    // Written while nobody runs: it is input, which counts in time with the stream, not state.
    world.write('names', [['k0', 'later', 1_000]])
    world.write('in', [['k0', 'early', 500]])
    const second = world.application(build())
    await world.finish(second.start())
    await world.until(() => world.read('out').length === 1)
    expect(values(world, 'out')).toEqual(['early/v0'])
    await world.until(() => world.uncommitted('app', 'names') === 0)
    expect(world.read('names')).toHaveLength(6)
    await world.finish(second.close())
  })
})
