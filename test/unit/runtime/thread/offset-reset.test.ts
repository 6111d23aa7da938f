import { describe, expect, test } from '@jest/globals'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { string } from '../../../../src/serde/primitives.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { TopologyBuilder } from '../../../../src/topology/topology-builder.ts'
import type { OffsetResetPolicy } from '../../../../src/topology/offset-reset.ts'
import { compileSettings } from '../../../../src/runtime/settings.ts'

const texts = { key: string(), value: string() }
const hourMs = 3_600_000

/** Reads `in`, and `other` with a start of its own where one is given. */
function topology(other?: OffsetResetPolicy) {
  const builder = new StreamsBuilder()
  builder.stream('in', texts).to('out')
  builder.stream('other', { ...texts, offsetReset: other }).to('out')
  return builder.build()
}

/** Two topics with a record of each of the last five hours, and one of half an hour ago behind them that is of long ago. */
function newWorld(): SimulatedWorld {
  const world = new SimulatedWorld()
  world.clock.advance(100 * hourMs)
  world.createTopics({ in: 1, other: 1, empty: 1, out: 1 })
  for (const topic of ['in', 'other']) {
    for (let hours = 5; hours >= 1; hours--) {
      world.write(topic, [[topic, `${topic} ${hours}`, world.clock.nowMs() - hours * hourMs]])
    }
    world.write(topic, [[topic, `${topic} out of order`, 1]])
  }
  return world
}

const values = (world: SimulatedWorld) => world.read('out').map(({ value }) => Buffer.from(value ?? []).toString())

async function copied(world: SimulatedWorld, offsetReset: OffsetResetPolicy, other?: OffsetResetPolicy) {
  const application = world.application(topology(other), { offsetReset })
  await world.finish(application.start())
  await world.until(() => application.state === 'RUNNING')
  await world.run(1000)
  await world.finish(application.close())
  return values(world).sort()
}

describe('a group that has committed nothing begins', () => {
  test('at the first record that is not older than the duration, and reads all behind it', async () => {
    const told = await copied(newWorld(), { durationMs: 2.5 * hourMs })
    expect(told).toEqual(['in 1', 'in 2', 'in out of order', 'other 1', 'other 2', 'other out of order'])
  })

  test('at the end where all records are older, and remembers that place', async () => {
    const world = newWorld()
    expect(await copied(world, { durationMs: hourMs / 2 })).toEqual([])
    world.clock.advance(hourMs)
    world.write('in', [['in', 'new', 2]])
    expect(await copied(world, { durationMs: 0 })).toEqual(['new'])
  })

  test('at the start where the duration is longer than there was time', async () => {
    expect(await copied(newWorld(), { durationMs: Number.MAX_SAFE_INTEGER })).toHaveLength(12)
  })

  test('where the source says, for its topic alone', async () => {
    expect(await copied(newWorld(), 'latest', { durationMs: 1.5 * hourMs })).toEqual(['other 1', 'other out of order'])
    expect(await copied(newWorld(), { durationMs: 1.5 * hourMs }, 'latest')).toEqual(['in 1', 'in out of order'])
  })
})

describe('an invalid start is refused', () => {
  const wrong: readonly (readonly [unknown, string])[] = [
    ['newest', 'offsetReset is "newest": it must be one of earliest, latest, none, or { durationMs }'],
    [5, 'offsetReset is 5 (number): it must be'],
    [null, 'offsetReset is null (object): it must be'],
    [{ hours: 1 }, 'it must be one of earliest, latest, none, or { durationMs }'],
    [
      { durationMs: -1 },
      'durationMs of offsetReset is -1 (number): it must be a whole number of milliseconds, at least 0',
    ],
    [{ durationMs: 1.5 }, 'durationMs of offsetReset is 1.5'],
    [{ durationMs: Number.NaN }, 'durationMs of offsetReset is NaN'],
    [{ durationMs: 'PT1H' }, "durationMs of offsetReset is 'PT1H' (string)"],
    [{ durationMs: 10n }, 'durationMs of offsetReset is 10n (bigint)'],
  ]
  const untyped = (policy: unknown) => policy as OffsetResetPolicy

  test.each(wrong)('%p by a source', (policy, sentence) => {
    expect(() => new StreamsBuilder().stream('in', { ...texts, offsetReset: untyped(policy) })).toThrow(sentence)
    expect(() => new StreamsBuilder().table('in', { ...texts, offsetReset: untyped(policy) })).toThrow(sentence)
    const settings = { ...texts, offsetReset: untyped(policy) }
    expect(() => new TopologyBuilder().addSource('source', { topics: ['in'], ...settings })).toThrow(sentence)
  })

  test.each(wrong.filter(([policy]) => policy !== null))('%p by the application', (policy, sentence) => {
    expect(() => compileSettings({ applicationId: 'app', offsetReset: untyped(policy) }, 'r')).toThrow(sentence)
  })
})

test('two sources of one topic may begin as long ago, and are refused where one begins elsewhere', () => {
  const built = (left: OffsetResetPolicy, right: OffsetResetPolicy) => () => {
    const builder = new StreamsBuilder()
    builder.stream('in', { ...texts, offsetReset: left }).to('out')
    builder.stream('in', { ...texts, offsetReset: right }).to('out')
    return builder.build()
  }
  expect(built({ durationMs: 5 }, { durationMs: 5 })).not.toThrow()
  expect(built({ durationMs: 5 }, { durationMs: 6 })).toThrow('different offsetReset')
  expect(built({ durationMs: 5 }, 'latest')).toThrow('different offsetReset')
})
