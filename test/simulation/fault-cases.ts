import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MillraceError } from '../../src/core/errors.ts'
import { StreamsBuilder } from '../../src/dsl/streams-builder.ts'
import { createMemoryDriver } from '../../src/kafka/memory/driver.ts'
import type { KafkaDriver } from '../../src/kafka/port.ts'
import type { Application } from '../../src/runtime/application.ts'
import { keyValueQuery } from '../../src/runtime/store-query.ts'
import { string } from '../../src/serde/primitives.ts'
import type { Serde } from '../../src/serde/serde.ts'
import type { Sink } from '../../src/sinks/port.ts'
import { createTaskStores } from '../../src/stores/create-task-stores.ts'
import { FaultPlan } from '../../src/testing/fault-plan.ts'
import { faultyDriver, faultyEngine } from '../../src/testing/faulty-parts.ts'
import { MemoryDisk } from '../../src/testing/memory-engine.ts'
import { SimulatedWorld } from '../../src/testing/simulator.ts'
import type { Topology } from '../../src/topology/topology.ts'

const texts = { key: string(), value: string() }
const stores = ['sets', 'users', 'regions'] as const
const bags = ['copy', 'joined', 'async'] as const
const finals = ['out', 'regions-out'] as const

const withMember = (set: string, member: string) => [...new Set([...set.split(' '), member])].sort().join(' ').trim()
const withoutMember = (set: string, member: string) =>
  set
    .split(' ')
    .filter((each) => each !== member)
    .join(' ')
const wordOf = (line: string) => line.split(' ')[1] as string

/** Everything that takes batches: a repartition, stores with and without a changelog of their own, a global table, asynchronous calls, a sink. */
function everything(plan: FaultPlan): Topology {
  const builder = new StreamsBuilder()
  const loading: Serde<string> = {
    ...string(),
    resolve: () => plan.runLater('serde resolve', () => Promise.resolve()),
    deserialize: (bytes, topic, headers) =>
      plan.run('serde deserialize', () => string().deserialize(bytes, topic, headers)),
  }
  const lines = builder.stream('in', { key: string(), value: loading })
  const names = builder.globalTable('names', { ...texts, store: 'names' })
  lines.to('copy', texts)
  lines
    .groupBy((_key, line) => wordOf(line), { name: 'words', ...texts })
    .aggregate(
      () => '',
      (_word, line, set) => withMember(set, line.split(' ')[0] as string),
      { store: 'sets', value: string() },
    )
    .toStream()
    .to('out', texts)
  lines
    .join(
      names,
      (_key, line) => wordOf(line),
      (line, name) => `${line}/${name}`,
    )
    .to('joined', texts)
  lines.mapValuesAsync((line) => plan.runLater('async call', () => Promise.resolve(`${line}!`))).to('async', texts)
  lines.toSink('sink')
  builder
    .table('users', { ...texts, store: 'users' })
    .groupBy((user, region): [string, string] => [region, user], { name: 'by-region', ...texts })
    .aggregate(
      () => '',
      (_region, user, set) => withMember(set, user),
      (_region, user, set) => withoutMember(set, user),
      { store: 'regions', value: string() },
    )
    .toStream()
    .to('regions-out', texts)
  return builder.build({ optimize: 'all' })
}

function sinkTo(written: Set<string>, plan: FaultPlan): Sink {
  let buffer: string[] = []
  return {
    open: () => plan.runLater('sink open', () => Promise.resolve()),
    isFull: false,
    add: ({ value }) => void buffer.push(String(value)),
    pump: () => {},
    flush: () =>
      plan.runLater('sink flush', async () => {
        for (const value of buffer.splice(0)) written.add(value)
      }),
    discard() {
      buffer = []
    },
    close: async () => {},
  }
}

const words = ['a', 'b', 'c']
const regions = ['north', 'south', 'west']

/** One process that comes back whenever an error has ended it. */
class Process {
  readonly world: FaultWorld
  readonly id: string
  readonly directory: string
  readonly #plan: FaultPlan
  readonly #standbyReplicas: number
  application: Application
  #driver: KafkaDriver
  deaths = 0
  #starting: Promise<void>
  isClosed = false

  constructor(world: FaultWorld, id: string, directory: string, plan: FaultPlan, standbyReplicas: number) {
    this.world = world
    this.id = id
    this.directory = directory
    this.#plan = plan
    this.#standbyReplicas = standbyReplicas
    ;[this.application, this.#driver, this.#starting] = this.#begin()
  }

  #begin(): [Application, KafkaDriver, Promise<void>] {
    const plan = this.#plan
    const { world } = this.world
    const driver = faultyDriver(createMemoryDriver(world.cluster), plan, (error) =>
      world.cluster.faults.failNextSend(error),
    )
    const application = world.application(
      everything(plan),
      {
        processId: this.id,
        stateDirectory: this.directory,
        standbyReplicas: this.#standbyReplicas,
        sessionTimeoutMs: 2000,
        heartbeatIntervalMs: 500,
      },
      {
        driver,
        openStores: (options) =>
          createTaskStores({ ...options, openEngine: faultyEngine(this.world.disk.openEngine, plan) }),
        sinks: [{ name: 'sink', create: () => sinkTo(this.world.sunk, plan) }],
      },
    )
    const starting = application.start().catch(() => {})
    return [application, driver, starting]
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
    this.deaths++
    await this.#end()
    ;[this.application, this.#driver, this.#starting] = this.#begin()
  }

  async close(): Promise<void> {
    this.isClosed = true
    await this.#end()
  }

  async #end(): Promise<void> {
    await this.world.world.finish(Promise.allSettled([this.#starting, this.application.close()]))
    await this.#driver.close()
  }

  async crash(): Promise<void> {
    this.isClosed = true
    await this.#driver.close()
    await this.world.world.finish(Promise.allSettled([this.application.close()]))
  }
}

/** What a run leaves: final values, and everything that came out at least once. */
export type Outcome = Readonly<Record<string, readonly string[]>>

/** One run of a scenario under a plan. */
export class FaultWorld {
  readonly world = new SimulatedWorld()
  readonly sunk = new Set<string>()
  readonly disk = new MemoryDisk()
  readonly folder = mkdtempSync(join(tmpdir(), 'millrace-faults-'))
  readonly processes: Process[] = []
  #lines = 0

  constructor() {
    this.world.createTopics({ in: 2, users: 2, names: 1, copy: 1, joined: 1, async: 1, out: 1, 'regions-out': 1 })
    this.world.write(
      'names',
      words.map((word) => [word, word.toUpperCase()]),
    )
  }

  process(id: string, plan = new FaultPlan(), standbyReplicas = 0): Process {
    const process = new Process(this, id, join(this.folder, id), plan, standbyReplicas)
    this.processes.push(process)
    return process
  }

  write(count: number): void {
    for (let index = 0; index < count; index++) {
      const line = this.#lines++
      this.world.write('in', [[`k${line % 5}`, `${line} ${words[line % 3]}`]])
      this.world.write('users', [[`u${line % 4}`, regions[(line + Math.floor(line / 4)) % 3] as string]])
    }
  }

  /** Until all input is committed and every process that is not closed runs. */
  async settle(): Promise<void> {
    const endMs = this.world.clock.nowMs() + 60_000
    // Under load the file system may be slower than simulated time.
    const realEndMs = performance.now() + 10_000
    while (!this.#isDone()) {
      if (this.world.clock.nowMs() > endMs && performance.now() > realEndMs) {
        const states = this.processes.map(({ application }) => `${application.state} ${application.failure ?? ''}`)
        throw new MillraceError('STUCK', 'fatal', `not done after 60 s: ${states.join(', ')}`)
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
    const inputs = ['in', 'users', 'app-words-repartition', 'app-by-region-repartition']
    return inputs.every((topic) => this.world.cluster.topics.has(topic) && this.world.uncommitted('app', topic) === 0)
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
    for (const store of [...stores, 'names']) {
      const view = process.application.query(keyValueQuery<string, string>(store))
      outcome[`store ${store}`] = [...view.all()].map(({ key, value }) => `${key}=${value}`).sort()
    }
    return outcome
  }

  async end(): Promise<void> {
    for (const process of this.processes) if (!process.isClosed) await process.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Plays to the end under the plan and returns the process that holds all stores. */
type Scenario = (run: FaultWorld, plan: FaultPlan) => Promise<Process>

export const scenarios: Readonly<Record<string, Scenario>> = {
  async processing(run, plan) {
    run.write(12)
    const only = run.process('a', plan)
    await run.settle()
    run.write(12)
    await run.settle()
    return only
  },
  async restoring(run, plan) {
    run.write(16)
    const first = run.process('a')
    await run.settle()
    await first.close()
    run.write(4)
    const second = run.process('b', plan)
    await run.settle()
    run.write(4)
    await run.settle()
    return second
  },
  async 'failing over to a standby'(run, plan) {
    run.write(12)
    const first = run.process('a', new FaultPlan(), 1)
    await run.settle()
    const second = run.process('b', plan, 1)
    await run.settle()
    run.write(6)
    await run.settle()
    await run.world.run(500)
    await first.crash()
    run.write(6)
    await run.settle()
    return second
  },
  async 'handing over'(run, plan) {
    run.write(12)
    const first = run.process('a', plan)
    await run.settle()
    const second = run.process('b')
    run.write(6)
    await run.settle()
    await first.close()
    run.write(6)
    await run.settle()
    return second
  },
}

export interface PlayedCase {
  readonly outcome: Outcome
  /** After the process was closed and opened again on the same disk. */
  readonly reopened: Outcome
  readonly plan: FaultPlan
  readonly deaths: number
}

export async function play(name: string, plan: FaultPlan): Promise<PlayedCase> {
  const run = new FaultWorld()
  try {
    const scenario = scenarios[name] as Scenario
    const last = await scenario(run, plan)
    plan.end()
    const outcome = run.outcome(last)
    await last.close()
    const again = new Process(run, last.id, last.directory, new FaultPlan(), 0)
    run.processes.push(again)
    await run.settle()
    return {
      outcome,
      reopened: run.outcome(again),
      plan,
      deaths: run.processes.reduce((sum, { deaths }) => sum + deaths, 0),
    }
  } finally {
    await run.end()
  }
}

export const errorKinds = ['retriable', 'fatal', 'lost', 'task-migrated', 'task-corrupted'] as const
export type ErrorKind = (typeof errorKinds)[number]

/** The kinds of failures that a call can have. */
export function kindsOf(operation: string): readonly ErrorKind[] {
  if (operation === 'engine write' || operation === 'engine read') return ['retriable', 'task-corrupted', 'fatal']
  if (operation === 'engine open') return ['retriable', 'fatal']
  if (operation.endsWith(' commit')) return ['retriable', 'lost', 'task-migrated', 'fatal']
  if (operation.endsWith(' flush') || operation.endsWith(' createTopics')) return ['retriable', 'lost', 'fatal']
  return ['retriable', 'fatal']
}

/** Which call of which operation fails how. */
export type FaultPoint = readonly [operation: string, call: number, kind: ErrorKind]

export function planOf(points: readonly FaultPoint[]): FaultPlan {
  return new FaultPlan(
    points.map(([operation, call, kind]) => {
      const consequence = kind === 'lost' ? 'retriable' : kind
      const error = new MillraceError('INJECTED', consequence, `${kind} fault in call ${call} of ${operation}`)
      return { operation, call, error, lost: kind === 'lost' }
    }),
  )
}

/** Plays the scenario with these faults and says what is wrong; undefined where nothing is. */
export async function faultOf(
  name: string,
  points: readonly FaultPoint[],
  right: Outcome,
): Promise<string | undefined> {
  try {
    const { outcome, reopened, deaths } = await play(name, planOf(points))
    const wrong = differenceOf(outcome, right) ?? differenceOf(reopened, right)
    if (wrong !== undefined) return wrong
    const isFatal = points.some(([, , kind]) => kind === 'fatal')
    return deaths > 0 && !isFatal ? `a fault that passes ended the application (${deaths} times)` : undefined
  } catch (error) {
    return String(error)
  }
}

function differenceOf(found: Outcome, right: Outcome): string | undefined {
  for (const [place, expected] of Object.entries(right)) {
    if (JSON.stringify(found[place]) === JSON.stringify(expected)) continue
    return `${place} is ${JSON.stringify(found[place])}, not ${JSON.stringify(expected)}`
  }
  return undefined
}
