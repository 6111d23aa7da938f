import type { Consumer } from '../../src/kafka/port.ts'

interface PartitionLog {
  /** When the broker appended each result. */
  readonly times: number[]
  readonly owners: string[]
}

/** The pause of a partition around an event. */
export interface Pause {
  readonly partition: number
  readonly ms: number
  /** Whether another instance has its task since. */
  readonly isMoved: boolean
}

/** Reads the results as they are appended, with the append times of the broker. */
export class ResultLog {
  /** Of all partitions. */
  count = 0
  readonly #consumer: Consumer
  readonly #logs: readonly PartitionLog[]
  #isOver = false
  #reading: Promise<void> = Promise.resolve()

  constructor(consumer: Consumer, topic: string, partitions: number) {
    this.#consumer = consumer
    this.#logs = Array.from({ length: partitions }, () => ({ times: [], owners: [] }))
    consumer.assign(this.#logs.map((_, partition) => ({ topic, partition, offset: 0 })))
  }

  start(): void {
    this.#reading = this.#read()
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await this.#reading
    await this.#consumer.close()
  }

  async #read(): Promise<void> {
    while (!this.#isOver) {
      for (const batch of await this.#consumer.poll(200)) {
        const log = this.#logs[batch.partition] as PartitionLog
        for (let index = 0; index < batch.count; index++) {
          log.times.push(batch.timestamp(index))
          log.owners.push(ownerOf(batch.value(index)))
        }
        this.count += batch.count
      }
    }
  }

  /** When the last result of the partition that is furthest behind was appended. */
  get oldestEndMs(): number {
    return Math.min(...this.#logs.map(({ times }) => times.at(-1) ?? 0))
  }

  /** The instance that wrote the last result of each partition. */
  get owners(): readonly string[] {
    return this.#logs.map(({ owners }) => owners.at(-1) ?? '')
  }

  /** How old the last result of each partition is and who wrote it, for an error. */
  describe(): string {
    return this.#logs
      .map(
        ({ times, owners }, partition) => `${partition}: ${owners.at(-1)} ${Date.now() - (times.at(-1) ?? 0)} ms ago`,
      )
      .join(', ')
  }

  /** The longest gap between two results of each partition since the time. */
  pausesSince(sinceMs: number): readonly Pause[] {
    return this.#logs.map(({ times, owners }, partition) => {
      let [ms, isMoved] = [0, false]
      for (let index = times.length - 1; index > 0; index--) {
        if ((times[index] as number) < sinceMs) break
        ms = Math.max(ms, (times[index] as number) - (times[index - 1] as number))
        if (owners[index] !== owners[index - 1]) isMoved = true
      }
      return { partition, ms, isMoved }
    })
  }
}

function ownerOf(value: Uint8Array | null): string {
  const text = Buffer.from(value ?? []).toString()
  return text.slice(0, text.indexOf(' '))
}
