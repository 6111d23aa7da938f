import { errorCode, MillraceError } from '../../src/core/errors.ts'
import type { MemoryCluster } from '../../src/kafka/memory/cluster.ts'
import type { FaultKind } from './history.ts'
import { ProcessClock } from './simulation-clock.ts'

/** How long a request waits for a network that is cut, or for an answer that does not come. */
const requestTimeoutMs = 150

export interface LinkOptions {
  readonly cluster: MemoryCluster
  readonly clientId: string
  readonly random: () => number
  readonly latencyMs: number
  /** A fault has changed what happens. */
  readonly happened: (kind: FaultKind) => void
  readonly trace: (line: string) => void
}

/** What is between a process and everything else: requests take their time, get lost, or find the process stopped or gone. */
export class Link {
  readonly clock: ProcessClock
  readonly clientId: string
  readonly #options: LinkOptions
  #isStopped = false
  #isCut = false
  #goOn: (() => void)[] = []
  #slowMs = 0
  /** Answers to lose; `applied`: the request arrives. */
  #lost: { readonly applied: boolean }[] = []
  #writes: MillraceError[] = []
  #callsLeft = Number.POSITIVE_INFINITY
  #onCrash: () => void = () => {}
  /** Called when the process is gone. */
  onGone: () => void = () => {}
  #gone: MillraceError | undefined

  constructor(options: LinkOptions) {
    this.#options = options
    this.clientId = options.clientId
    this.clock = new ProcessClock(options.cluster.clock)
  }

  get isCut(): boolean {
    return this.#isCut
  }

  stop(): void {
    this.#isStopped = true
    this.clock.stop()
    this.#options.cluster.faults.silence(`${this.clientId}-`, 'stopped')
  }

  cut(): void {
    this.#isCut = true
    this.#options.cluster.faults.silence(`${this.clientId}-`, 'cut')
  }

  /** The process runs and its network is there. */
  heal(): void {
    this.#options.cluster.faults.hear(`${this.clientId}-`)
    this.#isCut = false
    if (!this.#isStopped) return
    this.#isStopped = false
    const goOn = this.#goOn
    this.#goOn = []
    for (const each of goOn) each()
    this.clock.goOn()
  }

  /** Each request takes so much longer. */
  slowBy(ms: number): void {
    this.#slowMs = ms
  }

  loseNext(applied: boolean): void {
    this.#lost.push({ applied })
  }

  failNextWrite(error: MillraceError): void {
    this.#writes.push(error)
  }

  /** The process is gone at its n-th request from now on. */
  crashAfter(calls: number, happened: () => void): void {
    this.#callsLeft = Math.min(this.#callsLeft, calls)
    this.#onCrash = happened
  }

  /** Throws where the process is gone. */
  count(call: string): void {
    this.#options.trace(`${this.clientId} ${call}`)
    if (this.#gone === undefined && --this.#callsLeft <= 0) this.end()
    if (this.#gone !== undefined) throw this.#gone
  }

  /** Before a record is sent. */
  countSend(topic: string): void {
    this.count(`send ${topic}`)
    const { cluster, happened } = this.#options
    if (cluster.faults.sendDelayMs > 0) happened('held')
    if (cluster.faults.sendsToFail > 0) happened('flaky')
  }

  /** Before a transaction is ended. */
  countEnd(): void {
    if (this.#options.cluster.faults.markerDelayMs > 0) this.#options.happened('markers')
  }

  end(): void {
    if (this.#gone !== undefined) return
    this.#gone = new MillraceError('DRIVER_CLOSED', 'fatal', 'the process is gone')
    this.heal()
    this.#onCrash()
    this.onGone()
  }

  /** While the process is stopped nothing gets past here. */
  async pass(): Promise<void> {
    while (this.#isStopped) {
      this.#options.happened('stop')
      await new Promise<void>((resolve) => this.#goOn.push(resolve))
    }
    if (this.#gone !== undefined) throw this.#gone
  }

  /** A request that nobody loses for good: it is repeated until the network is back. */
  async request<T>(call: string, act: () => Promise<T>): Promise<T> {
    this.count(call)
    await this.pass()
    await this.#travel()
    await this.#untilHealed()
    const result = await act()
    await this.#travel()
    await this.#untilHealed()
    await this.pass()
    return result
  }

  /** One that may be lost: it rejects with the error. */
  async riskyRequest<T>(call: string, act: () => Promise<T>, lost: () => MillraceError): Promise<T> {
    this.count(call)
    await this.pass()
    await this.#travel()
    const loss = this.#lost.shift()
    if (loss !== undefined) this.#options.happened('lost')
    if (loss?.applied === false || (await this.#isLost())) throw await this.#late(lost)
    const result = await act().catch((error: unknown) => {
      if (isRefusal(error)) this.#options.happened('refuse')
      throw error
    })
    await this.#travel()
    await this.pass()
    if (loss !== undefined || (await this.#isLost())) throw await this.#late(lost)
    return result
  }

  async #late(lost: () => MillraceError): Promise<MillraceError> {
    await this.clock.sleep(requestTimeoutMs)
    await this.pass()
    return lost()
  }

  /** Half of the requests wait for the network, and the others are given up. */
  async #isLost(): Promise<boolean> {
    if (!this.#isCut) return false
    this.#options.happened('cut')
    if (this.#options.random() < 0.5) return true
    await this.#untilHealed()
    return false
  }

  async #untilHealed(): Promise<void> {
    while (this.#isCut) {
      this.#options.happened('cut')
      await this.clock.sleep(20)
    }
  }

  async #travel(): Promise<void> {
    const { latencyMs, random, happened } = this.#options
    const ms = Math.floor(random() * (latencyMs + 1)) + this.#slowMs
    if (this.#slowMs > 0) happened('slow')
    if (ms > 0) await this.clock.sleep(ms)
    await this.pass()
  }

  /** Before something is written to the disk. Rejects where that fails. */
  async beforeWrite(): Promise<void> {
    await this.#travel()
    const error = this.#writes.shift()
    if (error === undefined) return
    this.#options.happened(error.code === 'STORE_DISK_FULL' ? 'full' : 'damage')
    throw error
  }
}

/** Of the coordinator, for the moment. */
function isRefusal(error: unknown): boolean {
  return [error, (error as Error).cause].some((each) => errorCode(each) === 'COORDINATOR_LOADING')
}
