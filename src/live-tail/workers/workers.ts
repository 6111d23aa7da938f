import type { Clock } from '../../core/clock.ts'
import { errorMessage } from '../../core/errors.ts'
import { type FoundWorkers, type Lookup, WorkerAddresses } from './worker-addresses.ts'
import { type WorkerAnswer, WorkerClient } from './worker-client.ts'
import { workerPlaces, type WorkersOptions } from './worker-options.ts'

/** What a worker says of itself, or why it does not answer. */
type WorkerReport =
  | { readonly worker: string; readonly status: Readonly<Record<string, unknown>> }
  | { readonly worker: string; readonly reason: string }

/** All workers at one time. */
export interface WorkersReport extends Omit<FoundWorkers, 'addresses'> {
  /** When they were asked, in milliseconds since 1970. */
  readonly atMs: number
  /** Each that runs a topology. */
  readonly workers: readonly WorkerReport[]
}

/** However many people look, workers are asked that often. */
const ageMaxMs = 900
const askedAtOnce = 20

/** The workers whose topologies are shown. */
export class Workers {
  readonly #addresses: WorkerAddresses
  readonly #client: WorkerClient
  readonly #clock: Clock
  #last: WorkersReport | undefined
  #lastMs = 0
  #asking: Promise<WorkersReport> | undefined

  /** Throws ILLEGAL_ARGUMENT. */
  constructor(options: WorkersOptions, clock: Clock, lookUp?: Lookup) {
    this.#addresses = new WorkerAddresses(workerPlaces(options), clock, lookUp)
    this.#client = new WorkerClient(options.token)
    this.#clock = clock
  }

  /** What all workers do, at most a second old. Never rejects. */
  report(): Promise<WorkersReport> {
    if (this.#last !== undefined && this.#clock.monotonicMs() - this.#lastMs < ageMaxMs)
      return Promise.resolve(this.#last)
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined))
    return this.#asking
  }

  /** Whether this is one of them: nothing else is ever asked. */
  async has(address: string): Promise<boolean> {
    return (await this.#addresses.find()).addresses.includes(address)
  }

  /** Rejects where the worker does not answer. */
  ask(address: string, path: string): Promise<WorkerAnswer> {
    return this.#client.ask(address, path)
  }

  /** A stream of a worker until the signal ends it. Rejects where the worker cannot be reached. */
  open(address: string, path: string, signal: AbortSignal): Promise<Response> {
    return this.#client.open(address, path, signal)
  }

  async #ask(): Promise<WorkersReport> {
    const { addresses, ...others } = await this.#addresses.find()
    const reports: (WorkerReport | undefined)[] = []
    for (let start = 0; start < addresses.length; start += askedAtOnce)
      reports.push(
        ...(await Promise.all(addresses.slice(start, start + askedAtOnce).map((address) => this.#reportOf(address)))),
      )
    const workers = reports.filter((report) => report !== undefined)
    this.#last = Object.freeze({ atMs: this.#clock.nowMs(), workers, ...others })
    this.#lastMs = this.#clock.monotonicMs()
    return this.#last
  }

  /** Undefined: it runs no topology, as a collector or a live tail. */
  async #reportOf(worker: string): Promise<WorkerReport | undefined> {
    try {
      const { status, body } = await this.#client.ask(worker, '/status')
      if (status === 404) return undefined
      if (status === 401) return { worker, reason: 'it asks for another token: give the one of OPS_TOKEN' }
      if (status !== 200 || typeof body !== 'object' || body === null) return { worker, reason: reasonOf(status, body) }
      // What processors count has as many entries as they like.
      const { metrics: _, ...told } = body as Readonly<Record<string, unknown>>
      return { worker, status: told }
    } catch (error) {
      return { worker, reason: errorMessage(error) }
    }
  }
}

/** As the worker says it, or what it answered. */
export function reasonOf(status: number, body: unknown): string {
  const { reason } = (body ?? {}) as { readonly reason?: unknown }
  return typeof reason === 'string' ? reason : `it answers ${status}`
}
