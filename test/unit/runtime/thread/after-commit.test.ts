import { describe, expect, test } from '@jest/globals'
import { MillraceError } from '../../../../src/core/errors.ts'
import { keyValueStore } from '../../../../src/dsl/store-definitions.ts'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { string } from '../../../../src/serde/primitives.ts'
import type { KeyValueStore } from '../../../../src/stores/port.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { TopologyTestDriver } from '../../../../src/testing/topology-test-driver.ts'
import type { Processor, ProcessorContext } from '../../../../src/topology/processor-api.ts'

const texts = { key: string(), value: string() }

/** Decides when a record comes, and sends what it decided after the commit. */
class Outbox implements Processor<string, string, string, string> {
  #context!: ProcessorContext<string, string>
  #store!: KeyValueStore<string, string>
  readonly #beforeRelease: () => void

  constructor(beforeRelease: () => void) {
    this.#beforeRelease = beforeRelease
  }

  init(context: ProcessorContext<string, string>): void {
    this.#context = context
    this.#store = context.getStateStore<KeyValueStore<string, string>>('outbox')
    if ([...this.#store.all()].length > 0) context.commit()
  }

  process({ key, value }: { readonly key: string; readonly value: string }): void {
    this.#store.put(key, value)
  }

  afterCommit(): void {
    for (const { key, value } of [...this.#store.all()]) {
      this.#store.delete(key)
      this.#context.forward({ key, value, timestamp: 1 })
      this.#beforeRelease()
    }
  }
}

function topology(beforeRelease: () => void = () => {}) {
  const builder = new StreamsBuilder()
  builder
    .stream('in', texts)
    .process<string, string>({
      create: () => new Outbox(beforeRelease),
      stores: [keyValueStore({ name: 'outbox', ...texts })],
    })
    .to('out', texts)
  return builder.build()
}

function worldOf(...ids: string[]): SimulatedWorld {
  const world = new SimulatedWorld()
  world.createTopics({ in: 1, out: 1 })
  world.write(
    'in',
    ids.map((id) => [id, id] as const),
  )
  return world
}

const sent = (world: SimulatedWorld) => world.read('out').map(({ value }) => Buffer.from(value ?? []).toString())

describe('what a processor releases after the commit', () => {
  test('leaves when the offsets of its decision are committed', async () => {
    const world = worldOf('a', 'b')
    const uncommitted: number[] = []
    const application = world.application(topology(() => void uncommitted.push(world.uncommitted('app', 'in'))))
    await world.finish(application.start())
    await world.until(() => sent(world).length === 2)
    expect(uncommitted).toEqual([0, 0])
    await world.finish(application.close())
  })

  test('is left to the next owner where the task closes, and sent once', async () => {
    const world = worldOf()
    const first = world.application(topology(), { commitIntervalMs: 100_000 })
    await world.finish(first.start())
    // The offsets at which it starts are committed at once.
    await world.run(100)
    world.write('in', [['a', 'a']])
    await world.until(() => first.status().totals.processed === 1)
    await world.finish(first.close())
    expect([world.uncommitted('app', 'in'), sent(world)]).toEqual([0, []])
    const second = world.application(topology(), { commitIntervalMs: 100_000 })
    await world.finish(second.start())
    await world.until(() => sent(world).length > 0)
    await world.finish(second.close())
    const third = world.application(topology())
    await world.finish(third.start())
    await world.run(1000)
    expect(sent(world)).toEqual(['a'])
    await world.finish(third.close())
  })

  test('is released again when releasing it failed in the middle', async () => {
    const world = worldOf('a', 'b', 'c')
    let releases = 0
    const failsOnce = () => {
      if (++releases === 2) throw new MillraceError<'TEST'>('TEST', 'retriable', 'not now')
    }
    const application = world.application(topology(failsOnce))
    await world.finish(application.start())
    await world.until(() => sent(world).includes('c'))
    expect(new Set(sent(world))).toEqual(new Set(['a', 'b', 'c']))
    await world.finish(application.close())
  })

  test('is there in the test driver when a record is piped', async () => {
    const driver = new TopologyTestDriver(topology())
    const output = driver.createOutputTopic('out', texts)
    driver.createInputTopic('in', texts).pipeInput('a', 'b')
    expect(output.readKeyValuesToList()).toEqual([['a', 'b']])
    await driver.close()
  })
})
