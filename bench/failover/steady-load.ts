import { partitionOfKey } from '../../src/kafka/partitioner.ts'
import type { Producer } from '../../src/kafka/port.ts'

const tickMs = 10

/** Writes to every partition of a topic at a steady rate, so that a gap in the results is a pause of their task. */
export class SteadyLoad {
  written = 0
  readonly #producer: Producer
  readonly #topic: string
  /** Of each partition, where they belong, so that results lie on the partition of their task. */
  readonly #keys: readonly (readonly Buffer[])[]
  readonly #perTick: number
  #timer: NodeJS.Timeout | undefined
  #startedMs = 0
  #ticks = 0

  /** `ratePerSecond`: over all partitions. `keys`: of each partition. */
  constructor(producer: Producer, topic: string, partitions: number, keys: number, ratePerSecond: number) {
    this.#producer = producer
    this.#topic = topic
    this.#keys = keysOf(partitions, keys)
    this.#perTick = Math.max(1, Math.round((ratePerSecond * tickMs) / 1000 / partitions))
  }

  /** Writes each key of each partition once, and so often after another. */
  async fill(times = 1): Promise<void> {
    for (let time = 0; time < times; time++) {
      for (let key = 0; key < (this.#keys[0]?.length ?? 0); key++) {
        if (this.#producer.isFull) await this.#producer.drained()
        for (let partition = 0; partition < this.#keys.length; partition++) this.#send(partition, key)
      }
    }
    await this.#producer.flush(60_000)
  }

  start(): void {
    this.#startedMs = performance.now()
    this.#ticks = 0
    this.#timer = setInterval(() => this.#catchUp(), tickMs)
  }

  /** Resolves when all is written. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#producer.flush(60_000)
  }

  #catchUp(): void {
    const due = Math.floor((performance.now() - this.#startedMs) / tickMs)
    for (; this.#ticks < due; this.#ticks++) {
      for (let partition = 0; partition < this.#keys.length; partition++)
        for (let index = 0; index < this.#perTick; index++) this.#send(partition, this.written)
    }
  }

  #send(partition: number, number: number): void {
    this.written++
    const keys = this.#keys[partition] as readonly Buffer[]
    const key = keys[number % keys.length] as Buffer
    this.#producer.send(this.#topic, partition, key, key, Date.now(), [])
  }
}

function keysOf(partitions: number, count: number): Buffer[][] {
  const keys = Array.from({ length: partitions }, (): Buffer[] => [])
  for (let number = 0; keys.some(({ length }) => length < count); number++) {
    const key = Buffer.from(`key-${number}`)
    const own = keys[partitionOfKey(key, partitions)] as Buffer[]
    if (own.length < count) own.push(key)
  }
  return keys
}
