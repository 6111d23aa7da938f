import { ManualClock, systemClock } from '../core/clock.ts'
import { MillraceError } from '../core/errors.ts'
import { silentLogger } from '../core/logger.ts'
import { MemoryCluster } from '../kafka/memory/cluster.ts'
import { createMemoryDriver } from '../kafka/memory/driver.ts'
import { partitionOfKey } from '../kafka/partitioner.ts'
import type { KafkaDriver } from '../kafka/port.ts'
import { createApplication } from '../runtime/application/application.ts'
import type { Application } from '../runtime/application/application.ts'
import type { ApplicationParts } from '../runtime/application/application-parts.ts'
import type { ApplicationOptions } from '../runtime/settings.ts'
import { createTaskStores } from '../stores/create-task-stores.ts'
import type { Topology } from '../topology/topology.ts'
import { type MemoryRecord, memoryRecords, uncommittedRecords } from './memory-records.ts'
import { ProgressWatch } from './progress-watch.ts'

const turnsPerStep = 4
const stepMs = 5
const filesAfterMs = 5000

/** Numbers in [0, 1) that are the same for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/**
 * Whole applications, several processes of them, on one memory cluster whose time moves only when the simulation says
 * so. Everything but the drivers is what runs in production.
 */
export class SimulatedWorld {
  readonly clock = new ManualClock(1_000_000)
  readonly cluster = new MemoryCluster({ clock: this.clock })
  readonly progress = new ProgressWatch(this.clock)
  /** False where a test stops something on purpose. */
  isWatched = true
  readonly #drivers = new Map<Application, KafkaDriver>()

  createTopics(partitionCounts: Readonly<Record<string, number>>): void {
    for (const [name, partitions] of Object.entries(partitionCounts)) {
      this.cluster.createTopic({ name, partitions, replicationFactor: 1, configs: {} })
    }
  }

  /** One process of an application, not started, with intervals that suit a test. */
  application(
    topology: Topology,
    options: Partial<ApplicationOptions> = {},
    parts: Partial<ApplicationParts> = {},
  ): Application {
    const driver = createMemoryDriver(this.cluster)
    const preset: ApplicationOptions = { applicationId: 'app', commitIntervalMs: 100, pollMs: 10, producerLingerMs: 0 }
    const application = createApplication(
      { ...preset, ...options },
      { topology, driver, openStores: createTaskStores, clock: this.clock, logger: silentLogger, ...parts },
    )
    this.#drivers.set(application, driver)
    return application
  }

  /** What a process does that is killed: nothing more, not even a goodbye. */
  async crash(application: Application): Promise<void> {
    await this.#drivers.get(application)?.close()
    this.#drivers.delete(application)
  }

  /** Lets everything run that can, then moves the clock. Throws NO_PROGRESS as `ProgressWatch` does. */
  async run(forMs: number): Promise<void> {
    for (let turn = 0; turn < turnsPerStep; turn++) await new Promise((resolve) => setImmediate(resolve))
    this.clock.advance(forMs)
    if (this.isWatched) this.progress.look(this.#drivers.keys())
  }

  /** Runs until the condition holds. Rejects with SIMULATION_TIMEOUT after `limitMs` of simulated time. */
  async until(condition: () => boolean, limitMs = 120_000): Promise<void> {
    const startedMs = this.clock.nowMs()
    const endMs = startedMs + limitMs
    while (!condition()) {
      if (this.clock.nowMs() > endMs) {
        throw new MillraceError(
          'SIMULATION_TIMEOUT',
          'fatal',
          `not true after ${limitMs} ms of simulated time: ${condition}`,
        )
      }
      await this.run(stepMs)
      // What waits so long may wait for files, which are real.
      if (this.clock.nowMs() - startedMs > filesAfterMs) await systemClock.sleep(1)
    }
  }

  /** Runs until the promise is settled. */
  async finish<T>(promise: Promise<T>, limitMs = 120_000): Promise<T> {
    let isSettled = false
    const settle = () => {
      isSettled = true
    }
    promise.then(settle, settle)
    await this.until(() => isSettled, limitMs)
    return promise
  }

  /** Appends texts, to the partitions of their keys. */
  write(
    topic: string,
    records: readonly (readonly [key: string | null, value: string | null, timestamp?: number])[],
  ): void {
    const partitions = this.cluster.topic(topic).logs.length
    for (const [key, value, timestamp = this.clock.nowMs()] of records) {
      const keyBytes = key === null ? null : Buffer.from(key)
      const partition = keyBytes === null ? 0 : partitionOfKey(keyBytes, partitions)
      this.cluster.append(topic, partition, keyBytes, value === null ? null : Buffer.from(value), timestamp)
    }
  }

  /** All records of a topic, one partition after the other. */
  read(topic: string): MemoryRecord[] {
    return [...memoryRecords(this.cluster, topic)]
  }

  /** Records of a topic that the group has not committed. */
  uncommitted(groupId: string, topic: string): number {
    return uncommittedRecords(this.cluster, groupId, topic)
  }
}
