import { join } from 'node:path'
import type { WorkerKind } from '../../../fleet/kinds.ts'
import { fleetTopics } from '../../../fleet/topics.ts'
import { freePorts } from '../../../scripts/lab/processes.mjs'
import { ensureTopics } from '../../../src/worker/index.ts'
import { builtProgram } from '../../support/built.ts'
import { type KafkaCluster, startKafka } from '../../support/kafka-cluster.ts'
import { KafkajsPeer, type PeerMessage } from '../../support/kafkajs-peer.ts'
import { FleetProcess } from './fleet-process.ts'
import { temporaryFolder } from './start-process.ts'

type Environment = Readonly<Record<string, string>>

/** A module of `workers/`. */
type FleetWorker = WorkerKind | 'alerts' | 'collector' | 'executions'

/** A Kafka with the fleet's topics, an independent client, and worker processes on it. */
export class FleetRig {
  readonly kafka: KafkaCluster
  readonly peer: KafkajsPeer

  private constructor(kafka: KafkaCluster, peer: KafkajsPeer) {
    this.kafka = kafka
    this.peer = peer
  }

  static async start(): Promise<FleetRig> {
    const kafka = await startKafka()
    await ensureTopics({ bootstrap: [kafka.bootstrap] }, fleetTopics(1))
    return new FleetRig(kafka, await KafkajsPeer.connect(kafka.bootstrap))
  }

  async worker(kind: FleetWorker, environment: Environment): Promise<WorkerProcess> {
    return startWorkerProcess(kind, {
      KAFKA_BOOTSTRAP_SERVERS: this.kafka.bootstrap,
      KAFKA_OFFSET_RESET: 'earliest',
      COMMIT_INTERVAL_MS: '500',
      ...environment,
    })
  }

  async stop(): Promise<void> {
    await FleetProcess.endAll()
    await this.peer.close()
    await this.kafka.stop()
  }
}

/** A worker with its probes. */
export interface WorkerProcess {
  readonly process: FleetProcess
  readonly folder: string
  /** Of its HTTP server. */
  readonly port: number
  /** Status of a probe or page, 0 while nobody answers. */
  ask(path: string): Promise<{ readonly status: number; readonly text: string }>
  /** Partitions of the topic that it reads, by its metrics, with their lag in records. */
  lags(topic: string): Promise<ReadonlyMap<number, number>>
}

export async function startWorkerProcess(kind: FleetWorker, environment: Environment): Promise<WorkerProcess> {
  const [port = 0] = await freePorts(1)
  const folder = temporaryFolder()
  const process = new FleetProcess({
    program: 'src/cli/main',
    args: ['run', builtProgram(`workers/${kind}`)],
    environment: { OPS_PORT: String(port), STATE_DIRECTORY: join(folder, 'state'), ...environment },
    folder,
  })
  const ask = async (path: string): Promise<{ readonly status: number; readonly text: string }> => {
    try {
      const response = await fetch(`http://127.0.0.1:${port}${path}`)
      return { status: response.status, text: await response.text() }
    } catch {
      return { status: 0, text: '' }
    }
  }
  return {
    process,
    folder,
    port,
    ask,
    async lags(topic) {
      const { text } = await ask('/metrics')
      const pattern = new RegExp(`^kafka_consumer_lag\\{topic="${topic}",partition="(\\d+)"\\} (\\d+)$`, 'gm')
      return new Map([...text.matchAll(pattern)].map(([, partition, lag]) => [Number(partition), Number(lag)]))
    },
  }
}

/** Logs of many services, so that every partition gets some: events `<name>-<from>` and so on, of the component `name`. */
export function someLogs(name: string, count: number, from = 0): PeerMessage[] {
  return Array.from({ length: count }, (_, index) => {
    const number = from + index
    const service = `s${number % 97}`
    const log = { eventId: `${name}-${number}`, timestamp: Date.now(), level: 'info', service, component: name }
    return { key: service, value: JSON.stringify({ ...log, message: `log ${number}` }) }
  })
}
