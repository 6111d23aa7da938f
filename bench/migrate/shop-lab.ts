import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { partitionKey } from '../../src/kafka/port.ts'
import { wholeTopic } from '../../src/kafka/record-ranges.ts'
import { RecordReader } from '../../src/kafka/record-reader.ts'
import { type KafkaDriver, openKafka } from '../../src/index.ts'
import { KafkajsPeer } from '../../test/support/kafkajs-peer.ts'
import { type Engine, PeerApplication, type PeerOptions } from '../kafka-streams/peer-application.ts'
import { inputs, outputs } from '../kafka-streams/shop.ts'
import { partitions, ShopInput } from './shop-input.ts'

export type ShopResults = ReadonlyMap<(typeof outputs)[number], readonly ResultRecord[]>

export interface ResultRecord {
  readonly key: string
  /** null: the result of this key is deleted. */
  readonly value: string | null
}

type Process = Pick<PeerOptions, 'applicationId'> & Partial<PeerOptions>

const createTimeoutMs = 60_000
const silenceMs = 20_000
const settleMs = 120_000
const lookMs = 250

/** A broker, and the topics that applications of the shop read and write. Each application has outputs of its own. */
export class ShopLab {
  readonly kafka: KafkaDriver
  readonly input: ShopInput
  readonly #bootstrap: string
  readonly #folder: string
  readonly #before: string
  readonly #peer: KafkajsPeer

  private constructor(bootstrap: string, folder: string, before: string, peer: KafkajsPeer, seed: number) {
    this.kafka = openKafka({ bootstrap })
    this.input = new ShopInput(peer, before, seed)
    this.#bootstrap = bootstrap
    this.#folder = folder
    this.#before = before
    this.#peer = peer
  }

  /** `before`: what the names of the input topics begin with. State of all processes is below the folder. */
  static async open(bootstrap: string, folder: string, before: string, seed: number): Promise<ShopLab> {
    const lab = new ShopLab(bootstrap, folder, before, await KafkajsPeer.connect(bootstrap), seed)
    await lab.#createTopics(inputs.map((topic) => `${before}${topic}`))
    return lab
  }

  createOutputs(applicationId: string): Promise<void> {
    return this.#createTopics(outputs.map((topic) => `${applicationId}-${topic}`))
  }

  /** A process of the application that keeps its state under its name. */
  start(engine: Engine, name: string, process: Process): Promise<PeerApplication> {
    return PeerApplication.start(engine, {
      bootstrap: this.#bootstrap,
      stateFolder: join(this.#folder, `${process.applicationId}-${name}`),
      inputs: this.#before,
      outputs: `${process.applicationId}-`,
      ...process,
    })
  }

  /** All input, processed by one engine alone from the first record to the last. */
  async alone(engine: Engine, applicationId: string): Promise<ShopResults> {
    await this.createOutputs(applicationId)
    const application = await this.start(engine, 'alone', {
      applicationId,
      guarantee: 'exactly-once',
      commitIntervalMs: 2000,
    })
    await this.settled(applicationId)
    await application.close()
    return this.results(applicationId)
  }

  /** Input records that the application has committed. */
  async committed(applicationId: string): Promise<number> {
    const names = new Set(inputs.map((topic) => `${this.#before}${topic}`))
    const offsets = await this.kafka.admin().groupOffsets(applicationId)
    return offsets.reduce((sum, { topic, offset }) => sum + (names.has(topic) ? offset : 0), 0)
  }

  /**
   * Resolves when the application has committed its inputs and its internal topics, twice in a row. Rejects when it has
   * not got nearer to that for two minutes.
   */
  async settled(applicationId: string): Promise<void> {
    let [lowest, deadlineMs] = [Number.POSITIVE_INFINITY, 0]
    for (let times = 0; times < 2; ) {
      const lag = await this.#lag(applicationId)
      times = lag === 0 ? times + 1 : 0
      if (lag < lowest) [lowest, deadlineMs] = [lag, performance.now() + settleMs]
      if (performance.now() > deadlineMs) throw new Error(`${applicationId} does not process its last ${lag} records`)
      await sleep(lookMs)
    }
  }

  /** What is committed in the outputs; records of a partition in their order. */
  async results(applicationId: string): Promise<ShopResults> {
    const read = async (topic: (typeof outputs)[number]) =>
      [topic, await this.#records(`${applicationId}-${topic}`)] as const
    return new Map(await Promise.all(outputs.map(read)))
  }

  async close(): Promise<void> {
    await PeerApplication.killAll()
    await this.#peer.close()
    await this.kafka.close()
  }

  async #createTopics(names: readonly string[]): Promise<void> {
    const topics = names.map((name) => ({ name, partitions, replicationFactor: 1, configs: {} }))
    await this.kafka.admin().createTopics(topics, createTimeoutMs)
  }

  async #lag(applicationId: string): Promise<number> {
    const admin = this.kafka.admin()
    const isInternal = (topic: string) => topic.startsWith(`${applicationId}-`) && /-(repartition|topic)$/.test(topic)
    const topics = [
      ...inputs.map((topic) => `${this.#before}${topic}`),
      ...(await admin.listTopics()).filter(isInternal),
    ]
    const described = await admin.describeTopics(topics)
    const ends = await admin.listOffsets(
      described.flatMap(({ name: topic, partitions: all }) =>
        all.map(({ partition }) => ({ topic, partition, at: 'latest' as const })),
      ),
      'read_uncommitted',
    )
    const committed = new Map(
      (await admin.groupOffsets(applicationId)).map((each) => [partitionKey(each.topic, each.partition), each.offset]),
    )
    const lagOf = ({ topic, partition, offset }: (typeof ends)[number]) =>
      offset - (committed.get(partitionKey(topic, partition)) ?? 0)
    return ends.reduce((sum, each) => sum + lagOf(each), 0)
  }

  async #records(topic: string): Promise<readonly ResultRecord[]> {
    const records: ResultRecord[] = []
    const reader = new RecordReader(this.kafka, await wholeTopic(this.kafka.admin(), topic))
    try {
      for await (const batch of reader.batches(silenceMs)) {
        for (let index = 0; index < batch.count; index++) {
          const value = batch.value(index)
          const key = Buffer.from(batch.key(index) ?? []).toString()
          records.push({ key, value: value === null ? null : Buffer.from(value).toString() })
        }
      }
    } finally {
      await reader.close()
    }
    return records
  }
}
