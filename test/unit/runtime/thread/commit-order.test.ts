import { describe, expect, test } from '@jest/globals'
import { MillraceError } from '../../../../src/core/errors.ts'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { string } from '../../../../src/serde/primitives.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'

const texts = { key: string(), value: string() }
const ids = Array.from({ length: 12 }, (_, index) => `id${index}`)
const away = () => new MillraceError('NOT_LEADER_OR_FOLLOWER', 'retriable', 'the partition has no leader')

/** Each id goes on once; what was seen is remembered in a store with a changelog. */
function onceEach() {
  const builder = new StreamsBuilder()
  builder
    .stream('in', texts)
    .deduplicate({ ttlMs: 60_000, id: (key) => key, idSerde: string(), store: 'seen' })
    .to('out', texts)
  return builder.build()
}

const keysIn = (world: SimulatedWorld, topic: string): string[] =>
  world.read(topic).map(({ key }) => Buffer.from(key ?? []).toString())

/** Sends the ids through while the n-th record that is sent is not delivered. */
async function withFailingSend(failing: number, changelogMode: 'coalesced' | 'each-put'): Promise<string[]> {
  const world = new SimulatedWorld()
  world.createTopics({ in: 2, out: 2 })
  let sent = 0
  world.cluster.faults.nextSend = () => (++sent === failing ? { error: away() } : undefined)
  const application = world.application(onceEach(), { changelogMode })
  await world.finish(application.start())
  world.write(
    'in',
    ids.map((id) => [id, 'v'] as const),
  )
  await world.until(() => world.uncommitted('app', 'in') === 0)
  await world.finish(application.close())
  return keysIn(world, 'out')
}

describe('what a store remembers was delivered', () => {
  test('a record whose output failed after an acknowledged changelog row is not dropped as its own duplicate', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ in: 1, out: 1 })
    const application = world.application(onceEach())
    await world.finish(application.start())
    world.cluster.faults.failNextSend(away())
    world.write('in', [['a', 'v']])
    await world.until(() => world.uncommitted('app', 'in') === 0)
    await world.finish(application.close())
    expect(keysIn(world, 'out')).toEqual(['a'])
  })

  test.each(['coalesced', 'each-put'] as const)(
    'every id comes out whichever record is not delivered, with changelogs %s',
    async (mode) => {
      for (let failing = 1; failing <= 2 * ids.length + 2; failing++) {
        expect({ failing, out: new Set(await withFailingSend(failing, mode)) }).toEqual({ failing, out: new Set(ids) })
      }
    },
  )
})
