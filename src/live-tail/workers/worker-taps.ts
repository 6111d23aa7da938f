import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Clock } from '../../core/clock.ts'
import { errorMessage } from '../../core/errors.ts'
import { refuse } from '../../core/http-refusal.ts'
import type { AccessLog } from '../access/access-log.ts'
import type { Identity } from '../access/identity.ts'
import type { Refusal } from '../admission.ts'
import { type Entered, faultOfReason, notRecorded, type Reception } from '../reception.ts'
import type { Workers } from './workers.ts'

/** Taps of all people at the same time; each worker has a limit of its own. */
const tapsMax = 8
const recordsMax = 1000
const tapMsMax = 600_000
/** Parameters that a worker gets. */
const passed: readonly string[] = ['key', 'text', 'header', 'sample']

export interface TapWorld {
  readonly reception: Reception
  readonly accesses: AccessLog
  readonly clock: Clock
  /** How often to check whether the token of a viewer still holds. */
  readonly heartbeatMs: number
}

interface TapAsked {
  readonly entered: Entered
  readonly worker: string
  readonly parameters: URLSearchParams
}

/** Passes on records that a worker reads from its topics, at most 1000 and 10 minutes for each tap. Each is recorded. */
export class WorkerTaps {
  readonly #workers: Workers
  readonly #world: TapWorld
  #open = 0

  constructor(workers: Workers, world: TapWorld) {
    this.#workers = workers
    this.#world = world
  }

  async answer(response: ServerResponse, asked: TapAsked): Promise<void> {
    const { entered, worker, parameters } = asked
    const { access } = entered
    const refusal = this.#refusalOf(asked)
    if (refusal !== undefined) return refuse(response, this.#world.reception.refused(access, refusal))
    const name = parameters.get('name') ?? ''
    const reason = parameters.get('unmask')
    const details = { worker, name, ...(reason !== null && { unmask: reason }) }
    this.#open++
    try {
      if (!(await this.#world.accesses.begin('tap begun', access, details))) return refuse(response, notRecorded)
      await this.#pass(response, entered, { worker, path: pathOf(name, parameters) })
      this.#world.accesses.record('tapped', access, details)
    } finally {
      this.#open--
    }
  }

  #refusalOf({ entered: { isMasked }, parameters }: TapAsked): Refusal | undefined {
    const name = parameters.get('name') ?? ''
    // Dots would be another path of the worker.
    if (name === '' || name === '.' || name === '..')
      return { status: 400, reason: 'name is missing: give a topic or a node of the topology' }
    const unmask = parameters.get('unmask')
    if (unmask === null && isMasked)
      return {
        status: 403,
        reason: 'a tap shows values that are masked for you: give the reason to see them as unmask',
      }
    const fault = unmask === null ? undefined : faultOfReason(unmask)
    if (fault !== undefined) return fault
    if (this.#open < tapsMax) return undefined
    return { status: 429, reason: `${tapsMax} taps are open here: end one of them`, limit: `tapsMax=${tapsMax}` }
  }

  async #pass(
    response: ServerResponse,
    { identity }: Entered,
    { worker, path }: { readonly worker: string; readonly path: string },
  ): Promise<void> {
    if (response.destroyed) return
    const left = new AbortController()
    const watch = this.#watch(identity, left)
    response.once('close', () => {
      watch.cancel()
      left.abort()
    })
    const signal = AbortSignal.any([left.signal, AbortSignal.timeout(tapMsMax)])
    let stream: Response
    try {
      stream = await this.#workers.open(worker, path, signal)
    } catch (error) {
      return refuse(response, { status: 502, reason: `${worker}: ${errorMessage(error)}` })
    }
    if (stream.status !== 200 || stream.body === null) {
      left.abort()
      return refuse(response, { status: 502, reason: `${worker} refuses the tap with ${stream.status}` })
    }
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    response.socket?.setTimeout(0)
    // However it ends: the worker is gone, the viewer is, or its time is over.
    await pipeline(Readable.fromWeb(stream.body), response, { signal }).catch(() => response.destroy())
  }

  /** Ends the tap when the token holds no longer. */
  #watch(identity: Identity, tap: AbortController): { cancel(): void } {
    const { clock, heartbeatMs } = this.#world
    const look = (): void => {
      if (identity.isCurrent()) timer = clock.setTimer(heartbeatMs, look)
      else tap.abort()
    }
    let timer = clock.setTimer(heartbeatMs, look)
    return { cancel: () => timer.cancel() }
  }
}

function pathOf(name: string, parameters: URLSearchParams): string {
  const asked = new URLSearchParams([...parameters].filter(([parameter]) => passed.includes(parameter)))
  const limit = Number(parameters.get('limit') ?? recordsMax)
  asked.set('limit', String(Number.isSafeInteger(limit) && limit > 0 ? Math.min(limit, recordsMax) : recordsMax))
  return `/tap/${encodeURIComponent(name)}?${asked.toString()}`
}
