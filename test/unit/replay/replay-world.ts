import { noHeaders } from '../../../src/core/headers.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import type { StreamsConfig } from '../../../src/app.ts'
import { Replays } from '../../../src/replay/replays.ts'
import { SimulatedWorld } from '../../../src/testing/simulator.ts'
import type { Topology } from '../../../src/topology/topology.ts'

export type InputRecord = readonly [topic: string, partition: number, key: string, value: string, timestamp: number]

/** A live application and replays of it, in a world whose time the test moves. */
export class ReplayWorld extends SimulatedWorld {
  readonly topology: Topology
  readonly config: StreamsConfig

  constructor(topology: Topology, topics: Readonly<Record<string, number>>, config: Partial<StreamsConfig> = {}) {
    super()
    this.topology = topology
    this.createTopics(topics)
    this.config = {
      applicationId: 'app',
      commitIntervalMs: 100,
      pollMs: 10,
      producerLingerMs: 0,
      kafka: { driver: 'memory', cluster: this.cluster },
      clock: this.clock,
      logger: silentLogger,
      ...config,
    }
  }

  /** Runs the live application over these records, in order of time, as if each came when it happened. */
  async runLive(records: readonly InputRecord[]): Promise<void> {
    const { kafka: _, clock: __, logger: ___, sinks, ...options } = this.config
    const live = this.application(this.topology, options, { sinks })
    await this.finish(live.start())
    for (const [topic, partition, key, value, timestamp] of records) {
      this.append(topic, partition, key, value, timestamp)
      await this.run(2)
    }
    await this.until(() => records.every(([topic]) => this.uncommitted('app', topic) === 0))
    await this.settle()
    await this.finish(live.close())
  }

  /** Lets everything be processed that is between the stages. */
  async settle(): Promise<void> {
    const between = [...this.cluster.topics.keys()].filter((topic) => /^app-(?!replay).*-repartition$/.test(topic))
    await this.until(() => between.every((topic) => this.uncommitted('app', topic) === 0))
  }

  replays(): Promise<Replays> {
    return this.finish(Replays.open(this.config, this.topology))
  }

  /** Plans and runs one replay, in one process. */
  async replay(request: Parameters<Replays['plan']>[0]): Promise<void> {
    const replays = await this.replays()
    await this.finish(replays.plan(request))
    await this.finish(replays.run(request.id))
    await this.finish(replays.close())
  }

  append(topic: string, partition: number, key: string, value: string, timestamp: number): void {
    this.cluster.append(topic, partition, Buffer.from(key), Buffer.from(value), timestamp, noHeaders)
  }

  /** The records of a topic as texts, sorted: order over partitions is nobody's promise. */
  lines(topic: string): readonly string[] {
    return this.read(topic)
      .map(({ key, value, timestamp }) => `${text(key)}=${text(value)}@${timestamp}`)
      .sort()
  }
}

function text(bytes: Uint8Array | null): string {
  return bytes === null ? 'null' : Buffer.from(bytes).toString('latin1')
}
