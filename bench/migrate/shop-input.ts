import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../../src/testing/simulator.ts'
import type { KafkajsPeer, PeerMessage } from '../../test/support/kafkajs-peer.ts'
import { inputs } from '../kafka-streams/shop.ts'

type Input = (typeof inputs)[number]

export const partitions = 4

const roundMs = 100
/** Between two records: about a quarter of the sessions of a key then end before its next event. */
const stepMs = 50
const people = 40
const orderIds = 200
/** Later than any window, session or join of the input reaches. */
const closingMs = 120_000

/**
 * Writes events, payments, orders and customers, the same for the same seed, by another client. Results do not depend on
 * who processes a record, and when: times rise within each partition, so that none is late. Orders that are deleted do
 * not come back, and customers stay: where a foreign-key join misses the row of a key that has changed twice, it keeps
 * the result before, in Java too.
 */
export class ShopInput {
  written = 0
  readonly #peer: KafkajsPeer
  readonly #before: string
  readonly #random: () => number
  /** How often each order was deleted. */
  readonly #deletions = new Map<number, number>()
  // Brokers refuse records that are more than an hour ahead.
  readonly #baseMs = Math.floor(Date.now() / 10_000) * 10_000 - 3_600_000

  /** `before`: what the names of the topics begin with. */
  constructor(peer: KafkajsPeer, before: string, seed: number) {
    this.#peer = peer
    this.#before = before
    this.#random = seededRandom(seed)
  }

  /** Writes until so many records are written, or until it is told that it is enough. */
  async write(ratePerSecond: number, count: number, isOver: () => boolean = () => false): Promise<void> {
    const perRound = Math.ceil((ratePerSecond * roundMs) / 1000)
    for (let left = count; left > 0 && !isOver(); left -= perRound) {
      const startedMs = performance.now()
      await this.#send(Math.min(left, perRound))
      await sleep(Math.max(0, roundMs - (performance.now() - startedMs)))
    }
  }

  /** A last event in every partition, so late that it closes all windows. */
  async close(): Promise<void> {
    const timestampMs = this.#timeMs() + closingMs
    const last = (partition: number) => ({ key: `end-${partition}`, value: 'end', partition, timestampMs })
    await this.#peer.send(
      `${this.#before}events`,
      Array.from({ length: partitions }, (_, index) => last(index)),
    )
    this.written += partitions
  }

  async #send(count: number): Promise<void> {
    const messages = new Map<Input, PeerMessage[]>(inputs.map((topic) => [topic, []]))
    for (let index = 0; index < count; index++) {
      const topic = this.#topic()
      messages.get(topic)?.push({ ...this.#record(topic), timestampMs: this.#timeMs() })
      this.written++
    }
    for (const [topic, group] of messages) if (group.length > 0) await this.#peer.send(`${this.#before}${topic}`, group)
  }

  #topic(): Input {
    if (this.written < people) return 'customers'
    const draw = this.#random()
    return draw < 0.5 ? 'events' : draw < 0.75 ? 'payments' : draw < 0.9 ? 'orders' : 'customers'
  }

  #record(topic: Input): { readonly key: string; readonly value: string | null } {
    const id = this.written
    const person = `c${id < people ? id : Math.floor(this.#random() * people)}`
    if (topic === 'events') return { key: person, value: `e${id}` }
    if (topic === 'payments') return { key: person, value: `p${id}` }
    if (topic === 'customers') return { key: person, value: `name${id}` }
    const order = Math.floor(this.#random() * orderIds)
    const deletions = this.#deletions.get(order) ?? 0
    const isDeleted = this.#random() < 0.1
    if (isDeleted) this.#deletions.set(order, deletions + 1)
    return { key: `o${order}-${deletions}`, value: isDeleted ? null : `${person}:item${id}` }
  }

  #timeMs(): number {
    return this.#baseMs + this.written * stepMs
  }
}
