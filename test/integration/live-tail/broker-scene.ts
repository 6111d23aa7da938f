import { silentLogger } from '../../../src/index.ts'
import type { Producer } from '../../../src/kafka/port.ts'
import { type LiveTailServer, type LiveTailServerOptions, startLiveTail } from '../../../src/live-tail/index.ts'
import { type KafkaCluster, sharedKafka } from '../../support/kafka-cluster.ts'
import { WireClient } from '../../support/wire-client.ts'

/** Live tails of a topic with three partitions on the shared broker, and who writes to it. */
export class BrokerScene {
  readonly client: WireClient
  readonly topic: string
  readonly producer: Producer
  readonly bootstrap: string
  readonly #kafka: Pick<KafkaCluster, 'stop'>
  readonly #servers: LiveTailServer[] = []

  private constructor(
    kafka: Pick<KafkaCluster, 'bootstrap' | 'stop'>,
    client: WireClient,
    topic: string,
    producer: Producer,
  ) {
    this.bootstrap = kafka.bootstrap
    this.#kafka = kafka
    this.client = client
    this.topic = topic
    this.producer = producer
  }

  static async open(): Promise<BrokerScene> {
    const kafka = await sharedKafka()
    const client = new WireClient(kafka.bootstrap)
    const topic = await client.topic(3)
    return new BrokerScene(kafka, client, topic, await client.producer([topic]))
  }

  async serve(options: Partial<LiveTailServerOptions> = {}): Promise<LiveTailServer> {
    const fixed = { topics: [this.topic], port: 0, logger: silentLogger }
    const server = await startLiveTail(this.client.driver, { ...fixed, ...options })
    this.#servers.push(server)
    return server
  }

  async closeServers(): Promise<void> {
    await Promise.all(this.#servers.splice(0).map((server) => server.close()))
  }

  async close(): Promise<void> {
    await this.closeServers()
    await this.client.close()
    await this.#kafka.stop()
  }
}
