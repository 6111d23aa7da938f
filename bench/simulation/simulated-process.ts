import { errorCode, errorMessage, MillraceError } from '../../src/core/errors.ts'
import { silentLogger } from '../../src/core/logger.ts'
import type { MemoryCluster } from '../../src/kafka/memory/cluster.ts'
import type { KafkaDriver } from '../../src/kafka/port.ts'
import { type Application, createApplication } from '../../src/runtime/application/application.ts'
import type { FaultKind, Scene } from './history.ts'
import { Link } from './link.ts'
import { linkedDriver } from './linked-driver.ts'
import { buildTopology, type Stumbles } from './parts.ts'
import type { SimulatedDisk } from './simulated-disk.ts'

export const applicationId = 'app'
export const sessionTimeoutMs = 1500
export const transactionTimeoutMs = 2000

export interface ProcessOptions {
  readonly number: number
  readonly scene: Scene
  readonly cluster: MemoryCluster
  readonly disk: SimulatedDisk
  readonly driver: (cluster: MemoryCluster) => KafkaDriver
  readonly random: () => number
  readonly happened: (kind: FaultKind) => void
  readonly trace: (line: string) => void
}

interface Life {
  readonly application: Application
  readonly link: Link
}

/** One process of the application, which comes back under the same id and with the same disk. */
export class SimulatedProcess {
  readonly id: string
  readonly #options: ProcessOptions
  readonly stumbles: Stumbles
  #life: Life | undefined
  /** What ended lives that nobody ended. */
  readonly deaths: string[] = []

  constructor(options: ProcessOptions) {
    this.#options = options
    this.id = `p${options.number}`
    this.stumbles = { left: 0, happened: () => options.happened('stumble') }
  }

  get link(): Link | undefined {
    return this.#life?.link
  }

  get isAway(): boolean {
    return this.#life === undefined
  }

  get isRunning(): boolean {
    return this.#life?.application.state === 'RUNNING'
  }

  get description(): string {
    const { application } = this.#life ?? {}
    return `${this.id} ${application?.state ?? 'away'}`
  }

  start(): void {
    if (this.#life !== undefined) return
    const { scene, cluster, disk, random, happened, trace } = this.#options
    const { id } = this
    trace(`${id} starts`)
    const { latencyMs, threads, guarantee, standbys, cacheBytesMax, commitIntervalMs, hasInstanceIds } = scene
    const link = new Link({ cluster, clientId: id, random, latencyMs, happened, trace })
    const driver = this.#options.driver(cluster)
    const application = createApplication(
      {
        applicationId,
        clientId: id,
        processId: id,
        groupInstanceId: hasInstanceIds ? id : undefined,
        threads,
        processingGuarantee: guarantee,
        standbyReplicas: standbys,
        cacheBytesMax,
        commitIntervalMs,
        keepStreamTime: true,
        transactionTimeoutMs,
        sessionTimeoutMs,
        heartbeatIntervalMs: 300,
        commitTimeoutMs: 3000,
        producerDeliveryTimeoutMs: 3000,
        producerLingerMs: 0,
        pollMs: 200,
        joinEmitIntervalMs: 0,
        repartitionPurgeIntervalMs: 500,
      },
      {
        topology: buildTopology(scene.parts, this.stumbles),
        driver: linkedDriver(driver, link),
        openStores: disk.storesOf(id, link),
        clock: link.clock,
        logger: silentLogger,
        listener: {
          onThreadState: (thread, from, to) => trace(`${thread} ${from} ${to}`),
          onError: (thread, error) => trace(`${thread} ${errorCode(error)} ${errorMessage(error)}`),
        },
      },
    )
    const started = application.start().catch(() => {})
    let isGone = false
    void started
      .then(() => application.ended)
      .catch((error: unknown) => {
        if (!isGone && errorCode(error) !== 'CLOSE_TIMEOUT')
          this.deaths.push(`${id} ended with ${errorCode(error)}: ${errorMessage(error)}`)
      })
      .then(async () => {
        await application.close().catch(() => {})
        await driver.close()
        trace(`${id} is gone`)
        this.#life = undefined
      })
    link.onGone = () => {
      isGone = true
      void driver.close()
      void application.close().catch(() => {})
    }
    this.#life = { application, link }
  }

  /** It closes as it should. Records that it could not commit are for the next owner. */
  leave(happened = () => {}): void {
    if (this.#life === undefined) return
    const { application, link } = this.#life
    happened()
    application.close().catch((error: unknown) => {
      // One that cannot close in time is ended.
      if (errorCode(error) === 'CLOSE_TIMEOUT') link.end()
      else if (errorCode(error) !== 'CLOSE_UNCOMMITTED')
        this.deaths.push(`${this.id} did not close: ${errorCode(error)}: ${errorMessage(error)}`)
    })
  }

  /** Of its threads. */
  memberIds(): readonly string[] {
    const members = this.#options.cluster.group(applicationId).describe().members
    return members.filter(({ clientId }) => clientId.startsWith(`${this.id}-`)).map(({ memberId }) => memberId)
  }

  failNextWrite(isFull: boolean): void {
    this.#life?.link.failNextWrite(
      isFull
        ? new MillraceError('STORE_DISK_FULL', 'retriable', 'the disk is full')
        : new MillraceError('STORE_DAMAGED', 'task-corrupted', 'the state is damaged'),
    )
  }
}
