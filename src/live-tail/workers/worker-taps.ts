import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { errorMessage } from '../../core/errors.ts'
import { refuse } from '../../core/http-refusal.ts'
import type { AccessLog } from '../access/access-log.ts'
import type { Refusal } from '../admission.ts'
import { type Entered, faultOfReason, notRecorded, type Reception } from '../reception.ts'
import type { Workers } from './workers.ts'

/** Taps of all people at the same time; each worker has a limit of its own. */
const tapsMax = 8
const recordsMax = 1000
const tapMsMax = 600_000
/** Parameters that a worker gets. */
const passed: readonly string[] = ['key', 'text', 'header', 'sample']

interface TapAsked {
  readonly entered: Entered
  readonly worker: string
  readonly parameters: URLSearchParams
}

/** Passes on records that a worker reads from its topics, at most 1000 and 10 minutes for each tap. Each is recorded. */
export class WorkerTaps {
  readonly #workers: Workers
  readonly #reception: Reception
  readonly #accesses: AccessLog
  #open = 0

  constructor(
    workers: Workers,
    { reception, accesses }: { readonly reception: Reception; readonly accesses: AccessLog },
  ) {
    this.#workers = workers
    this.#reception = reception
    this.#accesses = accesses
  }

  async answer(response: ServerResponse, asked: TapAsked): Promise<void> {
    const { entered, worker, parameters } = asked
    const { access } = entered
    const refusal = this.#refusalOf(asked)
    if (refusal !== undefined) return refuse(response, this.#reception.refused(access, refusal))
    const name = parameters.get('name') ?? ''
    const reason = parameters.get('unmask')
    const details = { worker, name, ...(reason !== null && { unmask: reason }) }
    this.#open++
    try {
      if (!(await this.#accesses.begin('tap begun', access, details))) return refuse(response, notRecorded)
      await this.#pass(response, worker, pathOf(name, parameters))
      this.#accesses.record('tapped', access, details)
    } finally {
      this.#open--
    }
  }

  #refusalOf({ entered: { isMasked }, parameters }: TapAsked): Refusal | undefined {
    if ((parameters.get('name') ?? '') === '')
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

  async #pass(response: ServerResponse, worker: string, path: string): Promise<void> {
    const left = new AbortController()
    response.once('close', () => left.abort())
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
}

function pathOf(name: string, parameters: URLSearchParams): string {
  const asked = new URLSearchParams([...parameters].filter(([parameter]) => passed.includes(parameter)))
  const limit = Number(parameters.get('limit') ?? recordsMax)
  asked.set('limit', String(Number.isSafeInteger(limit) && limit > 0 ? Math.min(limit, recordsMax) : recordsMax))
  return `/tap/${encodeURIComponent(name)}?${asked.toString()}`
}
