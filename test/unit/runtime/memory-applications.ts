import { ManualClock } from '../../../src/core/clock.ts'
import type { Logger } from '../../../src/core/logger.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import { createMemoryDriver } from '../../../src/kafka/memory/driver.ts'
import { MemoryCluster } from '../../../src/kafka/memory/cluster.ts'
import type { KafkaDriver } from '../../../src/kafka/port.ts'
import { createApplication } from '../../../src/runtime/application.ts'
import type { Application, ApplicationParts } from '../../../src/runtime/application.ts'
import type { ApplicationOptions } from '../../../src/runtime/settings.ts'
import { createTaskStores } from '../../../src/stores/create-task-stores.ts'
import type { Topology } from '../../../src/topology/topology.ts'

const verbose: Logger = {
  debug: () => {},
  info: (fields, message) => console.info(message, fields),
  warn: (fields, message) => console.warn(message, fields),
  error: (fields, message) => console.error(message, fields),
  child: () => verbose,
}

/** Applications on one memory cluster whose time only the test moves. */
export class MemoryWorld {
  readonly clock = new ManualClock(1_000_000)
  readonly cluster = new MemoryCluster({ clock: this.clock })
  readonly #drivers = new Map<Application, KafkaDriver>()

  createTopics(counts: Readonly<Record<string, number>>): void {
    for (const [name, partitions] of Object.entries(counts)) {
      this.cluster.createTopic({ name, partitions, replicationFactor: 1, configs: {} })
    }
  }

  application(
    topology: Topology,
    options: Partial<ApplicationOptions> = {},
    parts: Partial<ApplicationParts> = {},
  ): Application {
    const driver = createMemoryDriver(this.cluster)
    const application = createApplication(
      { applicationId: 'app', commitIntervalMs: 100, pollMs: 10, producerLingerMs: 0, ...options },
      {
        topology,
        driver,
        openStores: createTaskStores,
        clock: this.clock,
        logger: process.env['VERBOSE'] === undefined ? silentLogger : verbose,
        ...parts,
      },
    )
    this.#drivers.set(application, driver)
    return application
  }

  /** What a process does that is killed: nothing more, not even a goodbye. */
  async crash(application: Application): Promise<void> {
    await this.#drivers.get(application)?.close()
  }

  /** Lets everything run that is due, then moves the clock, until the condition holds. Throws after `limitMs`. */
  async until(condition: () => boolean | Promise<boolean>, limitMs = 120_000): Promise<void> {
    const endMs = this.clock.nowMs() + limitMs
    while (!(await condition())) {
      if (this.clock.nowMs() > endMs) throw new Error(`not true after ${limitMs} ms of the test's clock`)
      await this.run(5)
    }
  }

  async run(forMs: number): Promise<void> {
    for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve))
    this.clock.advance(forMs)
  }

  /** Runs until the promise is settled. */
  async finish<T>(promise: Promise<T>): Promise<T> {
    let settled = false
    const done = promise.finally(() => {
      settled = true
    })
    done.catch(() => {})
    await this.until(() => settled)
    return done
  }

  async write(topic: string, records: readonly (readonly [string | null, string | null, number?])[]): Promise<void> {
    const driver = createMemoryDriver(this.cluster)
    const { partitionOfKey } = await import('../../../src/kafka/partitioner.ts')
    const count = this.cluster.topic(topic).logs.length
    const producer = driver.producer({
      clientId: 'test',
      acks: 'all',
      idempotent: true,
      compression: 'none',
      lingerMs: 0,
      batchBytes: 1 << 20,
      bufferedBytesMax: 1 << 30,
      maxRequestBytes: 1 << 20,
      deliveryTimeoutMs: 60_000,
      onSendError: () => 'fail',
    })
    await producer.prepareTopics([topic], 1000)
    for (const [key, value, timestamp = this.clock.nowMs()] of records) {
      const keyBytes = key === null ? null : Buffer.from(key)
      const partition = keyBytes === null ? -1 : partitionOfKey(keyBytes, count)
      producer.send(topic, partition, timestamp, keyBytes, value === null ? null : Buffer.from(value), [])
    }
    await this.finish(producer.flush(1000))
  }

  /** All records of a topic, a partition after the other. */
  read(topic: string): {
    readonly key: Buffer | null
    readonly value: Buffer | null
    readonly timestamp: number
    readonly partition: number
  }[] {
    const records = []
    for (const [partition, log] of this.cluster.topic(topic).logs.entries()) {
      for (let offset = log.startOffset; offset < log.endOffset; ) {
        const batch = log.read(offset, 1 << 30)
        if (batch === undefined) break
        for (let index = 0; index < batch.count; index++) {
          const [key, value] = [batch.key(index), batch.value(index)]
          const timestamp = batch.timestamp(index)
          records.push({ key: key && Buffer.from(key), value: value && Buffer.from(value), timestamp, partition })
        }
        offset = batch.nextOffset
      }
    }
    return records
  }
}
