import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KafkaProcesses } from '../../scripts/kafka/cluster.mjs'
import { guardFolder, guardProcess, releaseProcess } from '../../scripts/lab/guard.mjs'
import { freePorts, signal, stopServer } from '../../scripts/lab/processes.mjs'
import { TcpProxy } from '../../test/support/tcp-proxy.ts'

const brokers = 3

/** Three brokers that clients, and the brokers themselves, reach through a proxy each. */
export class ChaosCluster {
  readonly proxies: readonly TcpProxy[]
  readonly #processes: KafkaProcesses
  readonly #folder: string

  private constructor(processes: KafkaProcesses, proxies: readonly TcpProxy[], folder: string) {
    this.#processes = processes
    this.proxies = proxies
    this.#folder = folder
  }

  static async start(): Promise<ChaosCluster> {
    const ports = await freePorts(2 * brokers)
    const nodes = await Promise.all(
      Array.from({ length: brokers }, async (_, index) => {
        const [client = 0, controller = 0] = ports.slice(2 * index)
        const proxy = await TcpProxy.start({ host: '127.0.0.1', port: client })
        return { proxy, client, controller, advertised: proxy.port }
      }),
    )
    const folder = await mkdtemp(join(tmpdir(), 'millrace-chaos-kafka-'))
    guardFolder(folder)
    const processes = await KafkaProcesses.start({ nodes, folder, started: guardProcess })
    const proxies = nodes.map(({ proxy }) => proxy)
    return new ChaosCluster(processes, proxies, folder)
  }

  /** Through the proxies. */
  get bootstrap(): string {
    return this.proxies.map(({ address }) => address).join(',')
  }

  /** Past the proxies for the first request; the brokers then name the proxies. */
  get directBootstrap(): string {
    return this.#processes.bootstrap
  }

  /** SIGKILL, then the same node again after the time. */
  async crash(node: number, downMs: number, wait: (ms: number) => Promise<void>): Promise<void> {
    const pid = this.#processes.pidOf(node)
    signal(pid, 'SIGKILL')
    await stopServer(pid)
    releaseProcess(pid)
    await wait(downMs)
    await this.#processes.startNode(node)
  }

  /** Moves what the brokers wrote to a folder, or deletes it without one. */
  async stop(keptIn?: string): Promise<void> {
    const { pids } = this.#processes
    await this.#processes.stop()
    for (const pid of pids) releaseProcess(pid)
    await Promise.all(this.proxies.map((proxy) => proxy.stop()))
    if (keptIn === undefined) await rm(this.#folder, { recursive: true, force: true })
    else await rename(this.#folder, keptIn)
  }
}
