import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KafkaDriver } from '../../../src/kafka/port.ts'
import { wholeTopic } from '../../../src/kafka/record-ranges.ts'
import { RecordReader } from '../../../src/kafka/record-reader.ts'
import { createWireDriver } from '../../../src/kafka/wire/driver.ts'
import { type KafkaCluster, startKafka } from '../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../support/kafkajs-peer.ts'
import { until } from '../../support/until.ts'
import { startCountingWorker, vocabulary, words } from './counting-workers.ts'

/** Of four partitions and two subtopologies. */
const taskCount = 8

/** A broker with words, and the processes that count them as one streams group. */
export class CountingGroup {
  readonly bootstrap: string
  readonly peer: KafkajsPeer
  readonly driver: KafkaDriver
  /** The state of each process is in a folder below it. */
  readonly folder: string
  /** How many words were written. */
  sent = 0
  readonly #kafka: KafkaCluster
  readonly #workers: ChildProcess[] = []

  /** `name`: of its folder. */
  static async open(name: string): Promise<CountingGroup> {
    const folder = await mkdtemp(join(tmpdir(), `millrace-${name}-`))
    // The transaction of a process that was killed is aborted soon after its timeout: its partitions wait for that.
    const kafka = await startKafka({ extra: { 'transaction.abort.timed.out.transaction.cleanup.interval.ms': '500' } })
    const peer = await KafkajsPeer.connect(kafka.bootstrap)
    await peer.createTopics({ words: 4, 'word-counts': 1 })
    return new CountingGroup(kafka, peer, folder)
  }

  private constructor(kafka: KafkaCluster, peer: KafkajsPeer, folder: string) {
    this.bootstrap = kafka.bootstrap
    this.peer = peer
    this.driver = createWireDriver({ bootstrap: [kafka.bootstrap] })
    this.folder = folder
    this.#kafka = kafka
  }

  /** With the state of the worker that had its name before. */
  async startWorker(
    name: string,
    guarantee: 'at-least-once' | 'exactly-once' = 'at-least-once',
  ): Promise<ChildProcess> {
    const worker = await startCountingWorker(this.bootstrap, join(this.folder, name), 'streams', guarantee)
    this.#workers.push(worker)
    return worker
  }

  /** SIGTERM to every worker that runs. */
  async stopWorkers(): Promise<void> {
    const running = this.#workers.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
    for (const worker of running) worker.kill('SIGTERM')
    await Promise.all(running.map((worker) => once(worker, 'exit')))
  }

  async send(count: number): Promise<void> {
    await this.peer.send('words', words(this.sent, count))
    this.sent += count
  }

  /** Words flow while something happens; then all of them are counted in committed transactions. */
  async whileWordsFlow(happens: () => Promise<void>): Promise<void> {
    let isOver = false
    const flow = (async () => {
      while (!isOver) {
        await this.send(50)
        await sleep(100)
      }
    })()
    await happens().finally(() => {
      isOver = true
    })
    await flow
    await this.untilCountedOnce(this.sent)
  }

  /** How many active tasks each process has that has any, the smallest first. */
  async shares(): Promise<readonly number[]> {
    const { members } = await this.driver.admin().describeGroup('killed')
    const shares = new Map<string, number>()
    for (const { processId = '', active = [] } of members)
      if (active.length > 0) shares.set(processId, (shares.get(processId) ?? 0) + active.length)
    return [...shares.values()].sort((left, right) => left - right)
  }

  /** Resolves when so many processes have tasks, and together all of them. */
  async untilSharedBy(processes: number): Promise<void> {
    const isShared = async (): Promise<boolean> => {
      const shares = await this.shares()
      return shares.length === processes && shares.reduce((sum, tasks) => sum + tasks, 0) === taskCount
    }
    await until(isShared, 60_000, `tasks are shared by ${processes} processes`)
  }

  /** Resolves when so many words are counted in committed transactions. */
  async untilCountedOnce(total: number): Promise<void> {
    const isCounted = async (): Promise<boolean> => {
      const counts = await this.committedCounts()
      return [...counts.values()].reduce((sum, count) => sum + count, 0) >= total
    }
    await until(isCounted, 90_000, `${total} words are counted`)
  }

  /** What the counts are when each word that was written is counted once. */
  get exactCounts(): ReadonlyMap<string, number> {
    return new Map(vocabulary.map((word) => [word, this.sent / vocabulary.length]))
  }

  /**
   * What the committed transactions have counted: the last count of each word. Rejects where a word's counts do not rise
   * one after another, as those of one that is counted twice.
   */
  async committedCounts(): Promise<Map<string, number>> {
    const counts = new Map<string, number>()
    const reader = new RecordReader(this.driver, await wholeTopic(this.driver.admin(), 'word-counts'))
    try {
      for await (const batch of reader.batches(20_000)) {
        for (let index = 0; index < batch.count; index++) {
          const word = Buffer.from(batch.key(index) ?? []).toString()
          const count = Number(Buffer.from(batch.value(index) ?? []).readBigInt64BE())
          const before = counts.get(word) ?? 0
          if (count !== before + 1) throw new Error(`${word} is counted as ${count} after ${before}`)
          counts.set(word, count)
        }
      }
    } finally {
      await reader.close()
    }
    return counts
  }

  async close(): Promise<void> {
    for (const worker of this.#workers) worker.kill('SIGKILL')
    await this.driver.close()
    await this.peer.close()
    await this.#kafka.stop()
    await rm(this.folder, { recursive: true, force: true })
  }
}
