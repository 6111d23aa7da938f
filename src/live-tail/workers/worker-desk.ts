import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { errorMessage } from '../../core/errors.ts'
import { refuse } from '../../core/http-refusal.ts'
import { streamsSection } from '../access/sections.ts'
import type { Refusal } from '../admission.ts'
import type { Desk } from '../desk.ts'
import { takesGzip } from '../gzip-stream.ts'
import type { Entered, Reception } from '../reception.ts'
import { type TapWorld, WorkerTaps } from './worker-taps.ts'
import { reasonOf, type Workers } from './workers.ts'

const compressed = promisify(gzip)
const compressedFromBytes = 1024
const prefix = '/streams/'

/** What a section of the console asks workers for, passed on to those who operate them. */
export class WorkerDesk implements Desk {
  readonly methods = { [`${prefix}status`]: 'GET', [`${prefix}topology`]: 'GET', [`${prefix}tap`]: 'GET' } as const
  readonly #workers: Workers
  readonly #reception: Reception
  readonly #taps: WorkerTaps

  constructor(workers: Workers, world: TapWorld) {
    this.#workers = workers
    this.#reception = world.reception
    this.#taps = new WorkerTaps(workers, world)
  }

  async answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const entered = await this.#reception.enter(request, streamsSection)
    if ('status' in entered) return refuse(response, entered)
    if (path === `${prefix}status`) return this.#status(request, response, entered)
    const parameters = new URLSearchParams((request.url ?? '').split('?', 2)[1])
    const worker = parameters.get('worker') ?? ''
    if (!(await this.#workers.has(worker))) {
      const reason = 'worker is none of the workers here: give an address that /streams/status names'
      return refuse(response, { status: 404, reason })
    }
    if (path === `${prefix}tap`) return this.#taps.answer(response, { entered, worker, parameters })
    await this.#topology(request, response, worker)
  }

  async #status(request: IncomingMessage, response: ServerResponse, { isMasked }: Entered): Promise<void> {
    await send(request, response, { ...(await this.#workers.report()), tapNeedsReason: isMasked })
  }

  async #topology(request: IncomingMessage, response: ServerResponse, worker: string): Promise<void> {
    const answer = await this.#asked(worker, '/topology?format=graph')
    if ('reason' in answer) return refuse(response, answer)
    await send(request, response, answer.body)
  }

  async #asked(worker: string, path: string): Promise<{ readonly body: unknown } | Refusal> {
    try {
      const { status, body } = await this.#workers.ask(worker, path)
      if (status === 200 && body !== undefined) return { body }
      return { status: 502, reason: `${worker}: ${reasonOf(status, body)}` }
    } catch (error) {
      return { status: 502, reason: `${worker}: ${errorMessage(error)}` }
    }
  }
}

async function send(request: IncomingMessage, response: ServerResponse, value: unknown): Promise<void> {
  const text = Buffer.from(JSON.stringify(value))
  const isCompressed = text.length >= compressedFromBytes && takesGzip(request.headers['accept-encoding'] ?? '')
  const body = isCompressed ? await compressed(text) : text
  response
    .writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': body.length,
      'cache-control': 'no-store',
      ...(isCompressed && { 'content-encoding': 'gzip' }),
    })
    .end(body)
}
