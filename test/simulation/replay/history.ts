import { hash } from 'node:crypto'
import { accountOf, type IdAccount, type IdsByKey } from '../../../bench/replay/id-account.ts'
import { createMemoryDriver } from '../../../src/kafka/memory/driver.ts'
import type { KafkaDriver } from '../../../src/kafka/port.ts'
import type { ReplayRequest } from '../../../src/replay/plan-replay.ts'
import { Replays } from '../../../src/replay/replays.ts'
import { ReplayWorld } from '../../unit/replay/replay-world.ts'
import { seededInput } from '../../unit/replay/seeded-input.ts'
import { type HistoryTopology, topologies } from './topologies.ts'

/**
 * Something that happens to a replay, so long after its start.
 * - `kill`: a process is gone without a word, and another one starts
 * - `join`, `leave`: a second process
 * - `pause`, `resume`: from another machine
 * - `load`: the live application gets more input
 */
export interface Fault {
  readonly atMs: number
  readonly kind: 'kill' | 'join' | 'leave' | 'pause' | 'resume' | 'load'
}

/** A history as data: the same input, range and faults each time. */
export interface ReplayHistory {
  /** A sentence: what this history is about. */
  readonly about: string
  /** A name of `topologies`. */
  readonly topology: string
  /** Of the input. */
  readonly seed: number
  readonly request: Omit<ReplayRequest, 'id'>
  /** Records before this time are deleted before the replay is planned. */
  readonly deletedBeforeMs?: number
  readonly faults: readonly Fault[]
}

/** What came of a history. */
export interface Played {
  readonly account: IdAccount
  /** Results of the live application in the range: how many, and their hash. */
  readonly results: number
  readonly hash: string
  /** Records that the live group had committed did not change through the replay. */
  readonly liveIsUntouched: boolean
}

/** Runs the live application over the input, then a replay with its faults, and compares event by event. */
export async function play(history: ReplayHistory): Promise<Played> {
  const topology = topologies[history.topology]
  if (topology === undefined) throw new Error(`no topology ${history.topology}`)
  const world = new HistoryWorld(topology)
  await world.runLive(seededInput(topology.sources, history.seed))
  world.deleteBefore(history.deletedBeforeMs ?? 0)
  const before = JSON.stringify(world.cluster.group('app').allCommitted())
  const kills = history.faults.filter(({ kind }) => kind === 'kill').length
  await world.replayWith(history)
  const live = world.resultsOf('out', history)
  const replay = world.resultsOf('out-replay-app-r1', history)
  const all = new Set([...live.values()].flat())
  const account = accountOf(
    live,
    replay,
    Array.from({ length: kills }, () => all),
  )
  const lines = [...live].map(([key, ids]) => `${key}=${ids.join()}`).sort()
  const liveIsUntouched = before === JSON.stringify(world.cluster.group('app').allCommitted())
  return { account, results: lines.length, hash: hash('sha256', lines.join('\n'), 'hex').slice(0, 16), liveIsUntouched }
}

/** A process that works on the replay. */
interface Process {
  readonly replays: Replays
  readonly drivers: readonly KafkaDriver[]
  readonly ended: Promise<unknown>
}

class HistoryWorld extends ReplayWorld {
  readonly #isCounted: boolean
  readonly #processes: Process[] = []

  constructor({ build, sources, isCounted }: HistoryTopology) {
    // The third partition of each is empty.
    const topics = Object.fromEntries([...sources, 'out'].map((name) => [name, 3]))
    super(build(), topics, {
      cacheBytesMax: 0,
      // As much as a kill may repeat.
      commitIntervalMs: 1000,
      joinEmitIntervalMs: 0,
      windowEmitIntervalMs: 0,
      sessionTimeoutMs: 1000,
      heartbeatIntervalMs: 100,
    })
    this.#isCounted = isCounted
  }

  deleteBefore(timeMs: number): void {
    for (const name of ['left', 'right']) {
      for (const log of this.cluster.topics.get(name)?.logs ?? []) log.deleteBefore(log.offsetAt(timeMs))
    }
  }

  async replayWith({ request, faults }: ReplayHistory): Promise<void> {
    const watcher = await this.replays()
    await this.finish(watcher.plan({ id: 'r1', ...request }))
    const startMs = this.clock.nowMs()
    await this.#start()
    for (const { atMs, kind } of faults) {
      await this.until(() => this.clock.nowMs() >= startMs + atMs)
      await this.#do(kind, watcher)
    }
    await this.finish(Promise.all(this.#processes.map(({ ended }) => ended)))
    for (const { replays } of this.#processes) await this.finish(replays.close())
    await this.finish(watcher.close())
  }

  async #do(kind: Fault['kind'], watcher: Replays): Promise<void> {
    switch (kind) {
      case 'kill':
        await this.#kill()
        return this.#start()
      case 'join':
        return this.#start()
      case 'leave': {
        const process = this.#processes.length > 1 ? this.#processes.pop() : undefined
        if (process !== undefined) await this.finish(process.replays.close())
        return
      }
      case 'pause':
      case 'resume':
        // The replay may have ended before.
        return this.finish(watcher[kind]('r1')).catch(() => {})
      case 'load':
        return this.append('left', 0, 'k0', 'z', this.clock.nowMs())
    }
  }

  async #start(): Promise<void> {
    const drivers: KafkaDriver[] = []
    const openDriver = () => {
      const driver = createMemoryDriver(this.cluster)
      drivers.push(driver)
      return driver
    }
    const { kafka: _, ...config } = this.config
    const replays = await this.finish(Replays.on({ config, topology: this.topology, openDriver }))
    this.#processes.push({ replays, drivers, ended: replays.run('r1') })
  }

  /** Nothing more comes of it, not even a goodbye. */
  async #kill(): Promise<void> {
    const process = this.#processes.shift()
    process?.ended.catch(() => {})
    for (const driver of process?.drivers ?? []) await driver.close()
  }

  /** What a result is made of, by key; of one that is written again, the last counts. */
  resultsOf(topic: string, { request: { fromMs = 0, toMs = Number.POSITIVE_INFINITY } }: ReplayHistory): IdsByKey {
    const results = new Map<string, readonly string[]>()
    for (const { key, value, timestamp } of this.read(topic)) {
      if (timestamp < fromMs || timestamp >= toMs) continue
      const [name, text] = [Buffer.from(key ?? []).toString(), Buffer.from(value ?? []).toString()]
      if (this.#isCounted) results.set(name, JSON.parse(text) as readonly string[])
      else {
        const line = `${name}=${text}@${timestamp}`
        results.set(line, [...(results.get(line) ?? []), line])
      }
    }
    return results
  }
}
