import { createHash } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MillraceError } from '../../src/core/errors.ts'
import { MemoryCluster } from '../../src/kafka/memory/cluster.ts'
import { createMemoryDriver } from '../../src/kafka/memory/driver.ts'
import { partitionOfKey } from '../../src/kafka/partitioner.ts'
import type { KafkaDriver } from '../../src/kafka/port.ts'
import { memoryRecords, uncommittedRecords } from '../../src/testing/memory-records.ts'
import { seededRandom } from '../../src/testing/simulator.ts'
import { compare } from './compare.ts'
import { beginFault, endFault, type Stage } from './faults-at-work.ts'
import type { FaultKind, History } from './history.ts'
import { expectedOf } from './model.ts'
import { partTopics } from './parts.ts'
import { applicationId, SimulatedProcess, sessionTimeoutMs, transactionTimeoutMs } from './simulated-process.ts'
import { SimulatedDisk } from './simulated-disk.ts'
import { SimulationClock } from './simulation-clock.ts'
import { Turns } from './turns.ts'

const startMs = 1_000_000
/** All input is processed so long after the last fault. */
const settleMsMax = 60_000
/** Of the records that end all windows, after the start. */
const closingMs = 10_000_000

/** What came of a history. */
export interface Played {
  /** What is wrong; empty where all is right. */
  readonly wrong: readonly string[]
  /** How often each kind of fault changed what happens. */
  readonly happened: ReadonlyMap<FaultKind, number>
  /** Of all requests, and of all records in all topics: equal for equal plays. */
  readonly trace: string
  readonly lines: readonly string[]
}

/**
 * Plays a history from its first to its last fault, waits until all input is processed, and compares with the model. A
 * test of the simulation has a driver that is wrong.
 */
export async function playHistory(
  history: History,
  driver: (cluster: MemoryCluster) => KafkaDriver = createMemoryDriver,
): Promise<Played> {
  const turns = new Turns()
  const random = Math.random
  Math.random = seededRandom(history.seed)
  turns.begin()
  try {
    return await new Play(history, turns, driver).run()
  } finally {
    turns.end()
    Math.random = random
  }
}

class Play {
  readonly #history: History
  readonly #turns: Turns
  readonly #clock = new SimulationClock(startMs)
  readonly #cluster: MemoryCluster
  readonly #disk: SimulatedDisk
  readonly #processes: readonly SimulatedProcess[]
  readonly #stage: Stage
  readonly #happened = new Map<FaultKind, number>()
  readonly #lines: string[] = []
  readonly #wrong: string[] = []

  constructor(history: History, turns: Turns, driver: (cluster: MemoryCluster) => KafkaDriver) {
    this.#history = history
    this.#turns = turns
    this.#cluster = new MemoryCluster({ clock: this.#clock })
    const { scene, seed } = history
    const folder = scene.disk === 'none' ? '' : mkdtempSync(join(tmpdir(), 'millrace-simulation-'))
    this.#disk = new SimulatedDisk(scene.disk, folder)
    for (const part of scene.parts)
      for (const name of [...partTopics[part].inputs, partTopics[part].output])
        this.#cluster.createTopic({ name, partitions: scene.partitions, replicationFactor: 1, configs: {} })
    this.#processes = Array.from(
      { length: scene.processes },
      (_, number) =>
        new SimulatedProcess({
          number,
          scene,
          cluster: this.#cluster,
          disk: this.#disk,
          driver,
          random: seededRandom(seed * 31 + number),
          happened: (kind) => this.#count(kind),
          trace: (line) => this.#trace(line),
        }),
    )
    this.#stage = {
      scene,
      cluster: this.#cluster,
      processes: this.#processes,
      happened: (kind) => this.#count(kind),
      trace: (line) => this.#trace(line),
    }
  }

  #count(kind: FaultKind): void {
    this.#happened.set(kind, (this.#happened.get(kind) ?? 0) + 1)
  }

  #trace(line: string): void {
    this.#lines.push(`${this.#clock.nowMs() - startMs} ${line}`)
  }

  async run(): Promise<Played> {
    try {
      await this.#playAll()
    } catch (error) {
      if (!(error instanceof MillraceError) || error.code !== 'STUCK') throw error
      this.#wrong.push(error.message)
    } finally {
      await this.#end()
    }
    for (const { deaths } of this.#processes) this.#wrong.push(...deaths)
    if (this.#wrong.length === 0) this.#wrong.push(...this.#compared())
    return { wrong: this.#wrong, happened: this.#happened, trace: this.#digest(), lines: this.#lines }
  }

  async #playAll(): Promise<void> {
    const { inputs, faults } = this.#history
    for (const process of this.#processes) process.start()
    const events = [
      ...inputs.map((input) => ({
        atMs: input.atMs,
        act: () => this.#write(input.topic, input.key, input.value, input.timeMs),
      })),
      ...faults.flatMap((fault) => [
        { atMs: fault.atMs, act: () => beginFault(fault, this.#stage) },
        { atMs: fault.atMs + fault.forMs, act: () => endFault(fault, this.#stage) },
      ]),
    ].sort((left, right) => left.atMs - right.atMs)
    for (const { atMs, act } of events) {
      await this.#advanceTo(startMs + atMs)
      act()
    }
    await this.#settle()
    this.#closeWindows()
    await this.#settle()
  }

  #write(topic: string, key: string, value: string | null, timeMs: number): void {
    // Of a part that the scene does not have.
    if (!this.#cluster.topics.has(topic)) return
    const bytes = Buffer.from(key)
    const partition = partitionOfKey(bytes, this.#history.scene.partitions)
    this.#cluster.append(topic, partition, bytes, value === null ? null : Buffer.from(value), startMs + timeMs)
  }

  /** A record in each partition that is later than all windows. It is in no result that is compared. */
  #closeWindows(): void {
    for (const part of this.#history.scene.parts) {
      if (part !== 'streams' && part !== 'suppress') continue
      for (const topic of partTopics[part].inputs)
        for (const { partition } of this.#cluster.topic(topic).logs)
          this.#cluster.append(topic, partition, Buffer.from('closing'), Buffer.from('closing'), startMs + closingMs)
    }
  }

  async #advanceTo(atMs: number): Promise<void> {
    for (;;) {
      await this.#turns.settle(() => this.#disk.work())
      const nextMs = Math.max(this.#clock.nowMs(), this.#clock.nextDueMs)
      if (nextMs > atMs) break
      this.#clock.advance(nextMs - this.#clock.nowMs())
    }
    this.#clock.advance(Math.max(0, atMs - this.#clock.nowMs()))
  }

  /** Every process that is there runs, and all input is committed, also after the last transaction has timed out. */
  async #settle(): Promise<void> {
    for (const process of this.#processes) {
      process.link?.heal()
      process.stumbles.left = 0
    }
    const { faults } = this.#cluster
    faults.sendDelayMs = 0
    faults.markerDelayMs = 0
    const endMs = this.#clock.nowMs() + settleMsMax
    let doneSinceMs = Number.POSITIVE_INFINITY
    while (this.#clock.nowMs() - doneSinceMs < transactionTimeoutMs) {
      for (const process of this.#processes) process.start()
      await this.#advanceTo(this.#clock.nowMs() + 100)
      const nowMs = this.#clock.nowMs()
      doneSinceMs = this.#isDone() ? Math.min(doneSinceMs, nowMs) : Number.POSITIVE_INFINITY
      if (nowMs > endMs) throw stuck(this.#processes, this.#leftInput())
    }
  }

  #isDone(): boolean {
    return this.#processes.every(({ isRunning }) => isRunning) && this.#leftInput().length === 0
  }

  #leftInput(): readonly string[] {
    return this.#history.scene.parts
      .flatMap((part) => {
        const { inputs, repartitions } = partTopics[part]
        return [...inputs, ...repartitions.map((name) => `${applicationId}-${name}-repartition`)]
      })
      .filter(
        (topic) => !this.#cluster.topics.has(topic) || uncommittedRecords(this.#cluster, applicationId, topic) > 0,
      )
  }

  #compared(): readonly string[] {
    const { scene } = this.#history
    return scene.parts.flatMap((part) => {
      const { inputs, output, repartitions } = partTopics[part]
      const expected = expectedOf(part, this.#history, inputs, startMs)
      const found = [...memoryRecords(this.#cluster, output)].map(({ key, value }) => ({
        key: Buffer.from(key ?? []).toString(),
        value: value === null ? null : Buffer.from(value).toString(),
      }))
      const results = found.filter(({ key, value }) => !key.startsWith('closing') && value !== 'closing')
      // With a cache either side of a join of tables may write the result that both have changed.
      const sides = part === 'tables' && scene.cacheBytesMax > 0 ? 2 : 1
      // Both records of a pair may be there again.
      const stages = part === 'streams' ? 2 : 1 + repartitions.length
      return compare(part, expected, results, {
        timesMax: sides * this.#repeatsMax(stages),
        isLastLate: this.#mayComeLate,
        mayMissDeletions: scene.guarantee === 'at-least-once' && scene.cacheBytesMax > 0,
      })
    })
  }

  /** How often a result may be there. */
  #repeatsMax(stages: number): number {
    if (this.#history.scene.guarantee === 'exactly-once') return 1
    const harmless: ReadonlySet<FaultKind> = new Set(['leave', 'slow', 'retention', 'full'])
    const repeating = this.#history.faults.filter(({ kind }) => !harmless.has(kind))
    const repeats = repeating.reduce(
      (sum, { kind, count }) => sum + (kind === 'stumble' || kind === 'flaky' ? count : 1),
      0,
    )
    return (1 + repeats) ** stages
  }

  /** What waited for its network while others had its task is written last, unless a transaction keeps it from that. */
  get #mayComeLate(): boolean {
    const { scene, faults } = this.#history
    return (
      scene.guarantee === 'at-least-once' &&
      faults.some(({ kind, forMs }) => kind === 'cut' && forMs > sessionTimeoutMs / 2)
    )
  }

  async #end(): Promise<void> {
    for (const process of this.#processes) process.leave()
    const endMs = this.#clock.nowMs() + settleMsMax
    while (this.#processes.some(({ isAway }) => !isAway)) {
      await this.#advanceTo(this.#clock.nowMs() + 100)
      if (this.#clock.nowMs() < endMs) continue
      this.#wrong.push(`not closed: ${this.#processes.map(({ description }) => description).join(', ')}`)
      break
    }
    await this.#advanceTo(this.#clock.nowMs() + transactionTimeoutMs)
    if (this.#history.scene.disk !== 'none') this.#disk.remove()
  }

  #digest(): string {
    const hash = createHash('sha256')
    for (const line of this.#lines) hash.update(`${line}\n`)
    for (const name of this.#cluster.topics.keys())
      for (const { partition, offset, key, value, timestamp } of memoryRecords(this.#cluster, name))
        hash.update(`${name}-${partition} ${offset} ${timestamp} ${hexOf(key)} ${hexOf(value)}\n`)
    return hash.digest('hex').slice(0, 16)
  }
}

function hexOf(bytes: Uint8Array | null): string {
  return bytes === null ? '' : Buffer.from(bytes).toString('hex')
}

function stuck(processes: readonly SimulatedProcess[], topics: readonly string[]): MillraceError<'STUCK'> {
  const states = processes.map(({ description }) => description).join(', ')
  return new MillraceError(
    'STUCK',
    'fatal',
    `not settled after ${settleMsMax} ms: ${states}; left: ${topics.join(', ')}`,
  )
}
