import { setTimeout as sleep } from 'node:timers/promises'
import type { KafkaWitness } from '../ledger/kafka-witness.ts'

const batchMs = 100

/** Logs at a steady rate, each with an event id of its own, until it is stopped. */
export class LogLoad {
  readonly #witness: KafkaWitness
  readonly #topic: string
  readonly #perSecond: number
  #isStopped = false
  #loop: Promise<void> = Promise.resolve()
  sent = 0

  constructor(witness: KafkaWitness, topic: string, perSecond: number) {
    this.#witness = witness
    this.#topic = topic
    this.#perSecond = perSecond
  }

  start(): void {
    this.#isStopped = false
    this.#loop = this.#run()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#loop
  }

  async #run(): Promise<void> {
    const startedMs = performance.now()
    const sentBefore = this.sent
    while (!this.#isStopped) {
      const due = Math.floor(((performance.now() - startedMs) / 1000) * this.#perSecond) - (this.sent - sentBefore)
      if (due > 0) await this.#witness.send(this.#topic, this.#logs(due))
      await sleep(batchMs)
    }
  }

  #logs(count: number) {
    const timestamp = Date.now()
    return Array.from({ length: count }, () => {
      const number = this.sent++
      const service = `s${number % 97}`
      const log = { eventId: `log-${number}`, timestamp, level: 'info', service, message: `log ${number}` }
      return { key: service, value: Buffer.from(JSON.stringify(log)), timestamp: String(timestamp) }
    })
  }
}
