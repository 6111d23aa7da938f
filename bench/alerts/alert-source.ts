import { topics } from '../../fleet/topics.ts'
import type { KafkajsPeer, PeerMessage } from '../../test/support/kafkajs-peer.ts'

/** The rule that the logs are for: three errors of a service within five seconds. */
export const rules = `
rules:
  - name: errors
    kind: threshold
    where: level == 'error'
    groupBy: [service]
    window: 5s
    every: 1s
    grace: 1s
    severity: high
    fire: '>= 3'
`

/** So that each second of each partition has logs that are no errors. */
const quietLogsPerTurn = 40
const turnMs = 200
/** Well within the window, so that an alert goes on. */
const renewMs = 1000

/** Makes alerts of services fire and recover, by logs between many others. */
export class AlertSource {
  readonly #peer: KafkajsPeer
  /** Services that fail, and when their errors are to be renewed. */
  readonly #failing = new Map<string, number>()
  #count = 0
  #isOn = true
  #turns: Promise<void> = Promise.resolve()

  constructor(peer: KafkajsPeer) {
    this.#peer = peer
  }

  /** Writes from now on. */
  start(): void {
    this.#turns = this.#write()
    // `stop` rejects with it.
    this.#turns.catch(() => {})
  }

  /** Logs that have been written. */
  get logs(): number {
    return this.#count
  }

  /** Resolves when the errors are appended. */
  async fail(service: string): Promise<void> {
    this.#failing.set(service, Date.now() + renewMs)
    await this.#peer.send(topics.application.name, this.#errors(service))
  }

  recover(service: string): void {
    this.#failing.delete(service)
  }

  async stop(): Promise<void> {
    this.#isOn = false
    await this.#turns
  }

  async #write(): Promise<void> {
    while (this.#isOn) {
      const nowMs = Date.now()
      const due = [...this.#failing].filter(([, atMs]) => atMs <= nowMs).map(([service]) => service)
      for (const service of due) this.#failing.set(service, nowMs + renewMs)
      const quiet = Array.from({ length: quietLogsPerTurn }, (_, index) => this.#log(`quiet-${index}`, 'info'))
      await this.#peer.send(topics.application.name, [...due.flatMap((one) => this.#errors(one)), ...quiet])
      await new Promise((resolve) => setTimeout(resolve, turnMs))
    }
  }

  #errors(service: string): readonly PeerMessage[] {
    return [1, 2, 3].map(() => this.#log(service, 'error'))
  }

  #log(service: string, level: string): PeerMessage {
    const number = this.#count++
    const log = { eventId: `chaos-event-number-${number}`, timestamp: Date.now(), level, service }
    return { key: service, value: JSON.stringify({ ...log, message: `log ${number}` }) }
  }
}
