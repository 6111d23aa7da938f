// @ts-check
import { randomBytes } from 'node:crypto'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startServer, stopServer } from '../lab/processes.mjs'
import { installKafka, javaOptions } from './install.mjs'
import { brokerProperties } from './properties.mjs'
import { waitForBroker } from './ready.mjs'

/**
 * A KRaft cluster of brokers on the loopback interface, all files in one folder.
 * @typedef {import('./install.mjs').KafkaInstallation} KafkaInstallation
 * @typedef {import('./properties.mjs').NodePorts} NodePorts
 * @typedef {{ nodes: readonly NodePorts[], folder: string, extra?: Readonly<Record<string, string>>, fullSpeed?: boolean, started?: (pid: number) => void }} ClusterOptions
 */

export class KafkaProcesses {
  /** @type {Map<number, number>} */
  #pids = new Map()
  #installation
  #options

  /**
   * @param {KafkaInstallation} installation
   * @param {ClusterOptions} options
   */
  constructor(installation, options) {
    this.#installation = installation
    this.#options = options
  }

  /**
   * Installs what is missing and starts all nodes.
   * @param {ClusterOptions} options
   */
  static async start(options) {
    const cluster = new KafkaProcesses(await installKafka(), options)
    const clusterId = randomBytes(16).toString('base64url')
    const nodes = options.nodes.map((_, index) => index + 1)
    for (const node of nodes) await cluster.#prepare(node, clusterId)
    try {
      await Promise.all(nodes.map((node) => cluster.startNode(node)))
    } catch (error) {
      await cluster.stop()
      throw error
    }
    return cluster
  }

  get bootstrap() {
    return this.#options.nodes.map(({ client }) => `127.0.0.1:${client}`).join(',')
  }

  get pids() {
    return [...this.#pids.values()]
  }

  /** @param {number} node */
  pidOf(node) {
    const pid = this.#pids.get(node)
    if (pid === undefined) throw new RangeError(`Kafka node ${node} is not running`)
    return pid
  }

  /**
   * Starts a node on the data that its folder has.
   * @param {number} node
   */
  async startNode(node) {
    const logFile = join(this.#options.folder, `node-${node}.log`)
    const pid = startServer({
      program: this.#installation.java,
      args: [
        ...javaOptions(this.#installation, { fullSpeed: this.#options.fullSpeed ?? false }),
        'kafka.Kafka',
        join(this.#options.folder, `node-${node}.properties`),
      ],
      logFile,
    })
    this.#pids.set(node, pid)
    this.#options.started?.(pid)
    await waitForBroker(pid, logFile, node)
  }

  /** At once: nobody wants the data after it. */
  async stop() {
    await Promise.all(this.pids.map((pid) => stopServer(pid, 0)))
    this.#pids.clear()
  }

  /**
   * A formatted log folder: what `StorageTool format` writes is the same for each node but for `meta.properties`.
   * @param {number} node
   * @param {string} clusterId
   */
  async #prepare(node, clusterId) {
    const { folder, nodes, extra = {} } = this.#options
    const logFolder = join(folder, `node-${node}`)
    await mkdir(logFolder, { recursive: true })
    await cp(join(this.#installation.formatted, 'log'), logFolder, { recursive: true })
    const meta = {
      version: 1,
      'cluster.id': clusterId,
      'node.id': node,
      'directory.id': randomBytes(16).toString('base64url'),
    }
    await writeFile(
      join(logFolder, 'meta.properties'),
      Object.entries(meta)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    )
    await writeFile(join(folder, `node-${node}.properties`), brokerProperties({ node, nodes, logFolder, extra }))
  }
}
