import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin } from '../../src/kafka/port.ts'

const roundMs = 200

export interface Pause {
  readonly partition: number
  readonly forMs: number
}

/** Watches the committed offsets of a group: how long a partition with records to read did not move. */
export class PauseWatch {
  readonly #admin: Admin
  readonly #group: string
  readonly #topic: string
  readonly #movedMs = new Map<number, { readonly offset: number; readonly atMs: number }>()
  #longest: Pause = { partition: -1, forMs: 0 }
  #isStopped = false
  #loop: Promise<void> = Promise.resolve()

  constructor(admin: Admin, group: string, topic: string) {
    this.#admin = admin
    this.#group = group
    this.#topic = topic
  }

  start(): void {
    this.#loop = this.#run()
  }

  /** The longest pause; what a commit interval takes is part of it. */
  async stop(): Promise<Pause> {
    this.#isStopped = true
    await this.#loop
    return this.#longest
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      for (const { topic, partition, offset } of await this.#admin.groupOffsets(this.#group)) {
        if (topic === this.#topic) this.#see(partition, offset)
      }
      await sleep(roundMs)
    }
  }

  #see(partition: number, offset: number): void {
    const atMs = performance.now()
    const before = this.#movedMs.get(partition)
    if (before?.offset === offset) {
      const forMs = atMs - before.atMs
      if (forMs > this.#longest.forMs) this.#longest = { partition, forMs }
    } else this.#movedMs.set(partition, { offset, atMs })
  }
}
