import { expect, test } from '@jest/globals'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { seededRandom, SimulatedWorld } from '../../../../src/testing/simulator.ts'
import type { Application } from '../../../../src/runtime/application/application.ts'
import { texts } from '../counting.ts'

const partitions = 6

function copying() {
  const builder = new StreamsBuilder()
  builder.stream('in', texts).to('out', texts)
  return builder.build()
}

/** Processes that come and go; each round writes a record to every partition. */
class Rounds {
  readonly world = new SimulatedWorld()
  readonly #running = new Map<string, Application>()
  #written = 0

  constructor() {
    this.world.createTopics({ in: partitions, out: partitions })
  }

  async start(id: string): Promise<void> {
    const application = this.world.application(copying(), { processId: id, commitIntervalMs: 50 })
    this.#running.set(id, application)
    await this.world.finish(application.start())
  }

  async toggle(id: string): Promise<void> {
    const application = this.#running.get(id)
    if (application === undefined) return this.start(id)
    if (this.#running.size === 1) return
    this.#running.delete(id)
    await this.world.finish(application.close())
  }

  write(): void {
    this.#written++
    for (let partition = 0; partition < partitions; partition++)
      this.world.cluster.append('in', partition, Buffer.from('k'), Buffer.from('v'), this.world.clock.nowMs())
  }

  /** Every partition has been read to its end, and committed. */
  isProcessed(): boolean {
    const group = this.world.cluster.group('app')
    return Array.from({ length: partitions }, (_, partition) => partition).every(
      (partition) => group.committed([{ topic: 'in', partition }])[0]?.offset === this.#written,
    )
  }

  async closeAll(): Promise<void> {
    for (const application of this.#running.values()) await this.world.finish(application.close())
  }
}

test('500 rebalances leave no partition silent', async () => {
  const rounds = new Rounds()
  const random = seededRandom(13)
  await rounds.start('p0')
  for (let round = 0; round < 500; round++) {
    await rounds.toggle(`p${Math.floor(random() * 5)}`)
    // Most of them come while the one before is not over.
    rounds.write()
    if (random() < 0.2) await rounds.world.until(() => rounds.isProcessed())
  }
  await rounds.world.until(() => rounds.isProcessed())
  await rounds.closeAll()
}, 120_000)

test('an application that is closed in the middle of a rebalance, at any step, commits and leaves within its time', async () => {
  for (let step = 0; step < 40; step += 3) {
    const world = new SimulatedWorld()
    world.createTopics({ in: partitions, out: partitions })
    const first = world.application(copying(), { processId: 'first' })
    await world.finish(first.start())
    await world.until(() => first.state === 'RUNNING')
    for (let partition = 0; partition < partitions; partition++)
      world.cluster.append('in', partition, Buffer.from('k'), Buffer.from('v'), world.clock.nowMs())
    const second = world.application(copying(), { processId: 'second' })
    const started = second.start()
    for (let turn = 0; turn < step; turn++) await world.run(1)
    const startedMs = world.clock.nowMs()
    await world.finish(first.close({ timeoutMs: 5000 }))
    expect(world.clock.nowMs() - startedMs).toBeLessThan(5000)
    expect(first.state).toBe('NOT_RUNNING')
    await world.finish(started)
    const read = () => world.read('out').length
    await world.until(() => second.state === 'RUNNING' && read() >= partitions)
    // In order: the second begins where the first has committed.
    for (let turn = 0; turn < 20; turn++) await world.run(10)
    expect([step, read()]).toEqual([step, partitions])
    await world.finish(second.close())
  }
}, 60_000)
