import { systemClock } from '../../src/index.ts'
import type { EventSender } from './events.ts'

const recordsPerRound = 200

/** Sends records all the time, as producers do that know nothing of a replay. */
export class Load {
  readonly #sender: EventSender
  readonly #sentBefore: number
  readonly #running: Promise<void>
  #isStopped = false

  constructor(sender: EventSender) {
    this.#sender = sender
    this.#sentBefore = sender.sent
    this.#running = this.#run()
  }

  get sent(): number {
    return this.#sender.sent - this.#sentBefore
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      await this.#sender.send(recordsPerRound)
      await systemClock.sleep(100)
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#running
  }
}
