import { setTimeout as sleep } from 'node:timers/promises'
import kafkajs, { type Message, type Producer } from 'kafkajs'
import { inputTopics } from './topology.ts'

const words = Array.from({ length: 200 }, (_, index) => `word-${index}`)
const roundMs = 200

/**
 * Writes to all inputs at a steady rate, by another client. What a retry writes twice is input like any other: the
 * checker reads what is there.
 */
export class ChaosInput {
  written = 0
  readonly #producer: Producer
  readonly #random: () => number
  readonly #perRound: number
  #isStopped = false
  #running: Promise<void> = Promise.resolve()
  #next = 0

  /** `ratePerSecond`: over all topics. */
  constructor(bootstrap: string, random: () => number, ratePerSecond: number) {
    const { Kafka, logLevel, Partitioners } = kafkajs
    const kafka = new Kafka({ clientId: 'chaos-input', brokers: bootstrap.split(','), logLevel: logLevel.NOTHING })
    this.#producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    this.#random = random
    this.#perRound = Math.ceil((ratePerSecond * roundMs) / 1000 / inputTopics.length)
  }

  async start(): Promise<void> {
    await this.#producer.connect()
    this.#running = this.#run()
  }

  /** Resolves when the last round is written. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#running
    await this.#producer.disconnect()
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const startedMs = Date.now()
      await Promise.all(inputTopics.map((topic) => this.#write(topic)))
      await sleep(Math.max(0, roundMs - (Date.now() - startedMs)))
    }
  }

  /** A broker that is away is written to later, with the same records; not when this is stopped meanwhile. */
  async #write(topic: string): Promise<void> {
    const messages = Array.from({ length: this.#perRound }, () => this.#message(topic))
    for (;;) {
      try {
        await this.#producer.send({ topic, messages, acks: -1 })
        this.written += messages.length
        return
      } catch {
        if (this.#isStopped) return
        await sleep(500)
      }
    }
  }

  #message(topic: string): Message {
    const id = this.#next++
    const timestamp = String(Date.now())
    const word = () => words[Math.floor(this.#random() * words.length)] as string
    if (topic === 'lines') return { key: `line-${id}`, value: `${word()} ${word()} ${word()}`, timestamp }
    const key = `key-${Math.floor(this.#random() * 300)}`
    return { key, value: `${topic}-${id}`, timestamp }
  }
}
