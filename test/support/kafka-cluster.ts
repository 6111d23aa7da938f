import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KafkaProcesses } from '../../scripts/kafka/cluster.mjs'
import { guardFolder, guardProcess, releaseProcess } from '../../scripts/lab/guard.mjs'
import { freePorts, signal, stopServer } from '../../scripts/lab/processes.mjs'

export interface KafkaOptions {
  /** Brokers, each a controller too; default 1. Three survive the loss of one. */
  readonly nodes?: number
  /** Broker properties over the defaults of the lab. */
  readonly extra?: Readonly<Record<string, string>>
  /** First port of `2 * nodes` ports in a row; default: free ones. */
  readonly port?: number
  /** All stages of the JIT compiler, for measurements; default: the first only, which starts sooner. */
  readonly fullSpeed?: boolean
  /** Levels of features where they are not the newest, such as `transaction.version`. */
  readonly features?: Readonly<Record<string, number>>
}

/** A real Kafka for tests; nodes are numbered from 1. It ends with `stop`, or with this process. */
export interface KafkaCluster {
  readonly bootstrap: string
  /** The process of a node. */
  pidOf(node: number): number
  /** SIGKILL: the node is gone without a word. */
  kill(node: number): Promise<void>
  /** Starts a killed node on its kept data; resolves when it serves. */
  restart(node: number): Promise<void>
  /** SIGSTOP: connections stay open and nobody answers. */
  pause(node: number): void
  resume(node: number): void
  stop(): Promise<void>
}

/** Starts a cluster of one's own: 2 s for one node, 4 s for three, 15 s more the first time on a machine. */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaCluster> {
  const count = options.nodes ?? 1
  const ports = options.port === undefined ? await freePorts(2 * count) : portsFrom(options.port, 2 * count)
  const nodes = Array.from({ length: count }, (_, index) => ({
    client: ports[2 * index] as number,
    controller: ports[2 * index + 1] as number,
  }))
  const folder = await mkdtemp(join(tmpdir(), 'millrace-kafka-'))
  guardFolder(folder)
  const speed = { fullSpeed: options.fullSpeed ?? false }
  const features = options.features === undefined ? {} : { features: options.features }
  const processes = await KafkaProcesses.start({
    nodes,
    folder,
    extra: options.extra ?? {},
    ...speed,
    ...features,
    started: guardProcess,
  })
  return new GuardedCluster(processes, folder)
}

/**
 * The Kafka that all suites of a run share (`npm test` starts it), else one of this process. For suites that use topics
 * and groups of their own names and break nothing; who kills nodes starts a cluster.
 */
export async function sharedKafka(): Promise<Pick<KafkaCluster, 'bootstrap' | 'stop'>> {
  const bootstrap = process.env.MILLRACE_TEST_KAFKA
  if (bootstrap !== undefined) return { bootstrap, stop: async () => {} }
  return startKafka()
}

function portsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index)
}

class GuardedCluster implements KafkaCluster {
  readonly #processes: KafkaProcesses
  readonly #folder: string

  constructor(processes: KafkaProcesses, folder: string) {
    this.#processes = processes
    this.#folder = folder
  }

  get bootstrap(): string {
    return this.#processes.bootstrap
  }

  pidOf(node: number): number {
    return this.#processes.pidOf(node)
  }

  async kill(node: number): Promise<void> {
    const pid = this.#processes.pidOf(node)
    signal(pid, 'SIGKILL')
    await stopServer(pid)
    releaseProcess(pid)
  }

  restart(node: number): Promise<void> {
    return this.#processes.startNode(node)
  }

  pause(node: number): void {
    signal(this.#processes.pidOf(node), 'SIGSTOP')
  }

  resume(node: number): void {
    signal(this.#processes.pidOf(node), 'SIGCONT')
  }

  async stop(): Promise<void> {
    const pids = this.#processes.pids
    await this.#processes.stop()
    for (const pid of pids) releaseProcess(pid)
    await rm(this.#folder, { recursive: true, force: true })
  }
}
