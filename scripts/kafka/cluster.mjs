// @ts-check
import { randomBytes } from 'node:crypto'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startServer, stopServer } from '../lab/processes.mjs'
import { format, installKafka, javaOptions } from './install.mjs'
import { brokerProperties } from './properties.mjs'
import { waitForBroker } from './ready.mjs'

/**
 * A KRaft cluster of brokers on the loopback interface, all files in one folder.
 * @typedef {import('./install.mjs').KafkaInstallation} KafkaInstallation
 * @typedef {import('./properties.mjs').NodePorts} NodePorts
 * @typedef {{ nodes: readonly NodePorts[], folder: string, extra?: Readonly<Record<string, string>>, fullSpeed?: boolean, features?: Readonly<Record<string, number>>, started?: (pid: number) => void }} ClusterOptions
 */

export class KafkaProcesses {
  /** @type {Map<number, number>} */
  #pids = new Map()
  #installation
  #options
  #formatted

  /**
   * @param {KafkaInstallation} installation
   * @param {ClusterOptions} options
   */
  constructor(installation, options) {
    this.#installation = installation
    this.#options = options
    this.#formatted = join(installation.formatted, 'log')
  }

  /**
   * Installs what is missing and starts all nodes.
   * @param {ClusterOptions} options
   */
  static async start(options) {
    const cluster = new KafkaProcesses(await installKafka(), options)
    if (options.features !== undefined) await cluster.#format(options.features)
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
   * Older levels of features than those that every broker here is formatted with.
   * @param {Readonly<Record<string, number>>} features
   */
  async #format(features) {
    const folder = join(this.#options.folder, 'formatted')
    await mkdir(folder, { recursive: true })
    await format(this.#installation, folder, features)
    this.#formatted = join(folder, 'log')
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
    await cp(this.#formatted, logFolder, { recursive: true })
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
