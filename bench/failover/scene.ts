import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { WireClient } from '../../test/support/wire-client.ts'
import { type Engine, type Guarantee, PeerApplication } from '../kafka-streams/peer-application.ts'
import { type Pause, ResultLog } from './result-log.ts'
import { SteadyLoad } from './steady-load.ts'

const partitions = 8
const commitIntervalMs = 100
/** Short, so that a pause is that of the task and not of a batch. */
const lingerMs = 5
const waitMs = 90_000
const quietMs = 3000

export interface SceneOptions {
  readonly bootstrap: string
  readonly folder: string
  readonly engine: Engine
  readonly protocol: 'classic' | 'streams'
  readonly guarantee: Guarantee
  readonly standbys: number
  /** Of each partition. */
  readonly keys: number
  readonly ratePerSecond: number
  /** Of the record cache; with 0 every record has a result of its own. */
  readonly cacheBytes: number
}

let scenes = 0

/** An application of one engine under steady load, with topics and a group of its own. */
export class Scene {
  readonly #options: SceneOptions
  readonly #applicationId = `failover-${++scenes}`
  readonly #client: WireClient
  readonly #instances = new Map<string, PeerApplication>()
  readonly #load: SteadyLoad
  readonly #results: ResultLog

  static async open(options: SceneOptions): Promise<Scene> {
    const client = new WireClient(options.bootstrap)
    const name = `failover-${scenes + 1}`
    const topic = { partitions, replicationFactor: 1 }
    const configs = { 'message.timestamp.type': 'LogAppendTime' }
    await client.driver.admin().createTopics(
      [
        { ...topic, name: `${name}-in`, configs: {} },
        { ...topic, name: `${name}-out`, configs },
      ],
      waitMs,
    )
    const producer = await client.producer([`${name}-in`], { lingerMs: 0 })
    return new Scene(
      options,
      client,
      new SteadyLoad(producer, `${name}-in`, partitions, options.keys, options.ratePerSecond),
    )
  }

  private constructor(options: SceneOptions, client: WireClient, load: SteadyLoad) {
    this.#options = options
    this.#client = client
    this.#load = load
    this.#results = new ResultLog(client.consumer({ fetchMaxWaitMs: 20 }), `${this.#applicationId}-out`, partitions)
  }

  /** State first, then instances, then steady load. */
  async begin(instances: readonly string[]): Promise<void> {
    await this.#load.fill()
    this.#results.start()
    for (const name of instances) await this.start(name)
    await this.#until(() => this.#results.count >= this.#load.written, 'the state is there')
    this.#load.start()
    await this.settled(instances.length)
  }

  /** Writes each key so many times, as a backlog. Returns the number of records. */
  async fill(times: number): Promise<number> {
    await this.#load.fill(times)
    return this.#load.written
  }

  /** Everything that was written is processed and committed. */
  async committed(): Promise<void> {
    const admin = this.#client.driver.admin()
    await this.#until(async () => {
      const offsets = await admin.groupOffsets(this.#applicationId)
      return offsets.reduce((sum, { offset }) => sum + offset, 0) >= this.#load.written
    }, 'all is committed')
  }

  async start(name: string): Promise<number> {
    const { bootstrap, folder, engine, protocol, guarantee, standbys, cacheBytes } = this.#options
    const startedMs = performance.now()
    const instance = await PeerApplication.start(engine, {
      bootstrap,
      applicationId: this.#applicationId,
      stateFolder: join(folder, `${this.#applicationId}-${name}`),
      protocol,
      guarantee,
      commitIntervalMs,
      cacheBytes,
      lingerMs,
      standbys,
      topology: 'named',
      inputs: `${this.#applicationId}-`,
      outputs: `${this.#applicationId}-`,
      name,
      fullSpeed: true,
    })
    this.#instances.set(name, instance)
    return performance.now() - startedMs
  }

  async stop(name: string): Promise<void> {
    await this.#instances.get(name)?.close()
    this.#instances.delete(name)
  }

  async kill(name: string): Promise<void> {
    await this.#instances.get(name)?.kill()
    this.#instances.delete(name)
  }

  /** What an event did to each partition, until so many instances have tasks and results flow again everywhere. */
  async during(event: () => Promise<unknown>, instancesAfter: number): Promise<readonly Pause[]> {
    const sinceMs = Date.now()
    await event()
    await this.settled(instancesAfter)
    return this.#results.pausesSince(sinceMs)
  }

  /** Results flow in every partition, of so many instances, for a while. */
  async settled(instances: number): Promise<void> {
    let sinceMs = Date.now()
    await this.#until(() => {
      const { owners } = this.#results
      const isFlowing = Date.now() - this.#results.oldestEndMs < 1000
      if (!isFlowing || new Set(owners).size !== instances || owners.includes('')) sinceMs = Date.now()
      return Date.now() - sinceMs > quietMs
    }, `${instances} instances process all partitions`)
  }

  /** Ends the load; the results beyond one for each record: those that were written twice. */
  async end(): Promise<number> {
    await this.#load.stop()
    await this.#until(() => this.#results.count >= this.#load.written, 'all is processed')
    await sleep(1000)
    return this.#results.count - this.#load.written
  }

  async close(): Promise<void> {
    await this.#load.stop().catch(() => {})
    await Promise.all([...this.#instances.keys()].map((name) => this.kill(name)))
    await this.#results.stop()
    await this.#client.close()
  }

  async #until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
    const deadlineMs = Date.now() + waitMs
    while (!(await condition())) {
      for (const [name, instance] of this.#instances)
        if (!instance.isRunning) throw new Error(`${name} has ended:\n${instance.lastLines()}`)
      if (Date.now() > deadlineMs) throw new Error(`not within ${waitMs} ms: ${what}; ${this.#results.describe()}`)
      await sleep(20)
    }
  }
}
