import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errorCode, MillraceError } from '../../src/core/errors.ts'
import { createMemoryDriver } from '../../src/kafka/memory/driver.ts'
import type { KafkaDriver } from '../../src/kafka/port.ts'
import type { Application } from '../../src/runtime/application/application.ts'
import { keyValueQuery } from '../../src/runtime/application/store-query.ts'
import type { KeyValueStore } from '../../src/stores/port.ts'
import { createTaskStores } from '../../src/stores/create-task-stores.ts'
import type { OpenEngine } from '../../src/stores/engine.ts'
import { openLmdbEngine } from '../../src/stores/lmdb/lmdb-engine.ts'
import { FaultPlan } from '../../src/testing/fault-plan.ts'
import { faultyDriver, faultyEngine, faultySink } from '../../src/testing/faulty-parts.ts'
import { MemoryDisk } from '../../src/testing/memory-engine.ts'
import { SimulatedWorld } from '../../src/testing/simulator.ts'
import { bags, collectingSink, everything, finals, onlyPoison, stores, windowMs } from './fault-topology.ts'

const isOnLmdb = process.env['FAULT_ENGINE'] === 'lmdb'
const closeTimeoutMs = 20_000
/** A round of the simulation, and a wait beside it. */
const closeSlackMs = 100

const words = ['a', 'b', 'c']
const regions = ['north', 'south', 'west']

/** One process that comes back whenever an error has ended it. */
export class Process {
  readonly world: FaultWorld
  readonly id: string
  readonly directory: string
  readonly #plan: FaultPlan
  readonly #standbyReplicas: number
  application: Application
  #driver: KafkaDriver
  /** What has ended it. */
  readonly deaths: unknown[] = []
  #starting: Promise<void>
  isClosed = false

  constructor(world: FaultWorld, id: string, plan: FaultPlan, standbyReplicas: number) {
    this.world = world
    this.id = id
    this.directory = join(world.folder, id)
    this.#plan = plan
    this.#standbyReplicas = standbyReplicas
    ;[this.application, this.#driver, this.#starting] = this.#begin()
  }

  #begin(): [Application, KafkaDriver, Promise<void>] {
    const plan = this.#plan
    const { world, openEngine, sunk } = this.world
    const driver = createMemoryDriver(world.cluster)
    const application = world.application(
      everything(plan),
      {
        processId: this.id,
        stateDirectory: this.directory,
        standbyReplicas: this.#standbyReplicas,
        sessionTimeoutMs: 2000,
        heartbeatIntervalMs: 500,
        topicRefreshIntervalMs: 200,
        repartitionPurgeIntervalMs: 200,
        commitTimeoutMs: closeTimeoutMs,
        deadLetterTopic: 'refused',
        deserializationHandler: onlyPoison,
        processingHandler: onlyPoison,
        productionHandler: onlyPoison,
      },
      {
        driver: faultyDriver(driver, plan, world.cluster),
        openStores: (options) => createTaskStores({ ...options, openEngine: faultyEngine(openEngine, plan) }),
        sinks: [
          {
            name: 'sink',
            create: () => plan.run('sink create', () => faultySink(collectingSink(sunk), plan)),
          },
        ],
      },
    )
    const starting = application.start().catch(() => {})
    return [application, driver, starting]
  }

  /** Rows of a store as users see them; undefined where not all of it is here. */
  rows(store: string): readonly string[] | undefined {
    return this.#plan.aside(() => {
      try {
        const view = this.application.query(keyValueQuery<string, string>(store))
        return [...view.all()].map(({ key, value }) => `${key}=${value}`).sort()
      } catch (error) {
        if (errorCode(error) === 'STORE_MIGRATED') return undefined
        throw error
      }
    })
  }

  /** Nothing of these tasks here waits for the clock. */
  holdsNothing(partition: number): boolean | undefined {
    return this.#plan.aside(() => {
      const held = this.application.store('held', partition) as KeyValueStore<string, string> | undefined
      return held === undefined ? undefined : [...held.all()].length === 0
    })
  }

  get isRunning(): boolean {
    return this.application.state === 'RUNNING'
  }

  /** It deletes and opens state. */
  get isRecovering(): boolean {
    return this.application.status().threads.some(({ phase }) => phase === 'recovering')
  }

  /** Starts it anew where it has failed. */
  async revive(): Promise<void> {
    if (this.isClosed || (this.application.state !== 'ERROR' && this.application.failure === undefined)) return
    this.deaths.push(this.application.failure)
    await this.#end()
    ;[this.application, this.#driver, this.#starting] = this.#begin()
  }

  async close(): Promise<void> {
    this.isClosed = true
    await this.#end()
  }

  /** Whatever fails: it is closed in time. */
  async #end(): Promise<void> {
    const { world } = this.world
    const startedMs = world.clock.monotonicMs()
    const [, closed] = await world.finish(Promise.allSettled([this.#starting, this.application.close()]))
    await this.#driver.close()
    const isLate = world.clock.monotonicMs() - startedMs > closeTimeoutMs + closeSlackMs
    if (isLate || (closed.status === 'rejected' && errorCode(closed.reason) === 'CLOSE_TIMEOUT'))
      throw new MillraceError<'CLOSE_HANGS'>(
        'CLOSE_HANGS',
        'fatal',
        `process ${this.id} was not closed within ${closeTimeoutMs} ms`,
      )
  }

  async crash(): Promise<void> {
    this.isClosed = true
    await this.#driver.close()
    await this.world.world.finish(Promise.allSettled([this.application.close()]))
  }
}

/** What a run leaves: final values, and everything that came out at least once. */
export type Outcome = Readonly<Record<string, readonly string[]>>

/** One cluster, and the processes on it. */
export class FaultWorld {
  readonly world = new SimulatedWorld()
  readonly sunk = new Set<string>()
  readonly #disk: OpenEngine = isOnLmdb ? openLmdbEngine : new MemoryDisk().openEngine
  #isDamaged = false
  readonly folder = mkdtempSync(join(tmpdir(), 'millrace-faults-'))
  readonly processes: Process[] = []
  #lines = 0

  constructor() {
    // A real disk takes its time while simulated time goes on.
    this.world.isWatched = !isOnLmdb
    const out = { copy: 1, joined: 1, async: 1, out: 1, 'regions-out': 1, ticks: 1, closed: 1 }
    const chosen = { 'by-a': 1, 'by-b': 1, 'by-c': 1, gathered: 1, paired: 1, refused: 1 }
    this.world.createTopics({ in: 2, users: 2, names: 1, 'more-a': 1, ...out, ...chosen })
    this.world.write(
      'names',
      words.map((word) => [word, word.toUpperCase()]),
    )
  }

  readonly openEngine: OpenEngine = (directory, logger) => {
    const engine = this.#disk(directory, logger)
    const { write } = engine
    engine.write = (batch) => {
      if (!this.#isDamaged) return write.call(engine, batch)
      this.#isDamaged = false
      return Promise.reject(new MillraceError('STORE_DAMAGED', 'task-corrupted', 'damaged', { details: { directory } }))
    }
    return engine
  }

  /** What is written next finds that it cannot be trusted. */
  damage(): void {
    this.#isDamaged = true
  }

  process(id: string, plan = new FaultPlan(), standbyReplicas = 0): Process {
    const process = new Process(this, id, plan, standbyReplicas)
    this.processes.push(process)
    return process
  }

  write(count: number): void {
    for (let index = 0; index < count; index++) {
      const line = this.#lines++
      const word = words[line % 3] as string
      this.world.write('in', [[`k${line % 5}`, `${line} ${word}${line % 11 === 7 ? ' poison' : ''}`, line]])
      this.world.write('users', [[`u${line % 4}`, regions[(line + Math.floor(line / 4)) % 3] as string, line]])
      if (line % 4 === 0) this.world.write('more-a', [[`m${line % 3}`, String(line), line]])
    }
  }

  /** A topic that a pattern matches, and one that grows. */
  async grow(): Promise<void> {
    this.world.createTopics({ 'more-b': 1 })
    this.world.cluster.growTopic('more-a', 2)
    this.world.write('more-b', [['m9', 'new']])
    await this.settle()
  }

  /** The end of all windows. */
  async closeWindows(): Promise<void> {
    const afterMs = 100 * windowMs + 1_000_000
    this.world.write(
      'in',
      words.map((word, index) => [`k${index}`, `end ${word}`, afterMs]),
    )
    await this.settle()
  }

  /** Until all input is committed and every process that is not closed runs. */
  async settle(): Promise<void> {
    const endMs = this.world.clock.nowMs() + 60_000
    // Under load the file system may be slower than simulated time.
    const realEndMs = performance.now() + 10_000
    while (!this.#isDone()) {
      if (this.world.clock.nowMs() > endMs && performance.now() > realEndMs) {
        const states = this.processes.map(({ application }) => `${application.state} ${application.failure ?? ''}`)
        throw new MillraceError<'STUCK'>('STUCK', 'fatal', `not done after 60 s: ${states.join(', ')}`)
      }
      for (const process of this.processes) await process.revive()
      await this.world.run(10)
      // State directories are real.
      if (this.processes.some(({ isClosed, isRunning, isRecovering }) => !isClosed && (!isRunning || isRecovering)))
        await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  #isDone(): boolean {
    const live = this.processes.filter(({ isClosed }) => !isClosed)
    if (live.some(({ isRunning }) => !isRunning)) return false
    const { cluster } = this.world
    const inputs = [...cluster.topics.keys()].filter(
      (topic) => ['in', 'users'].includes(topic) || topic.startsWith('more-') || topic.endsWith('-repartition'),
    )
    if (inputs.some((topic) => this.world.uncommitted('app', topic) > 0)) return false
    return [0, 1].every((partition) => live.some((process) => process.holdsNothing(partition) === true))
  }

  outcome(process: Process): Outcome {
    const outcome: Record<string, readonly string[]> = { sink: [...this.sunk].sort() }
    const textOf = (bytes: Uint8Array | null) => Buffer.from(bytes ?? []).toString()
    for (const topic of bags)
      outcome[topic] = [...new Set(this.world.read(topic).map(({ value }) => textOf(value)))].sort()
    for (const topic of finals) {
      const latest = new Map(this.world.read(topic).map(({ key, value }) => [textOf(key), textOf(value)]))
      outcome[topic] = [...latest].map(([key, value]) => `${key}=${value}`).sort()
    }
    for (const store of [...stores, 'names']) outcome[`store ${store}`] = process.rows(store) ?? []
    return outcome
  }

  async end(): Promise<void> {
    for (const process of this.processes) if (!process.isClosed) await process.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
