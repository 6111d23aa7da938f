import { errorMessage, MillraceError } from '../../core/errors.ts'
import { workerRequest } from '../worker-request.ts'
import type { TapFilter, TappedRecord } from './tap-filter.ts'

export interface WorkerTapOptions extends TapFilter {
  readonly url: string
  readonly token: string | undefined
  readonly name: string
  readonly sample: number
  readonly limit: number
  readonly redact: readonly string[]
  readonly show: (record: TappedRecord) => void
  /** The worker has left out so many, because they were not read in time. */
  readonly dropped: (records: number) => void
  readonly signal: AbortSignal
}

/**
 * Shows what a worker taps, until the limit or the signal; returns how many were shown. Rejects with TAP_WORKER, and with
 * TAP_TARGET where the worker has no such topic or node.
 */
export async function tapWorker(options: WorkerTapOptions): Promise<number> {
  const { limit, show, dropped, signal } = options
  let shown = 0
  try {
    for await (const { event, data } of eventsOf(await open(options))) {
      if (event === 'failed') throw failed(data)
      if (event === 'dropped') dropped((JSON.parse(data) as { readonly records: number }).records)
      else {
        show(JSON.parse(data) as TappedRecord)
        shown++
      }
      if (shown >= limit) break
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return shown
}

async function open({ url, token, name, sample, redact, key, text, header, signal }: WorkerTapOptions) {
  const address = new URL(`/tap/${encodeURIComponent(name)}`, url)
  const parameters = { key, text, header, sample: String(sample) }
  for (const [parameter, value] of Object.entries(parameters))
    if (value !== undefined) address.searchParams.set(parameter, value)
  for (const member of redact) address.searchParams.append('redact', member)
  const response = await workerRequest(address, token, signal).catch((error: unknown) => {
    if (signal.aborted) throw error
    throw refused(url, `cannot be reached (${errorMessage(error)})`)
  })
  if (response.ok && response.body !== null) return response.body
  if (response.status === 401) throw refused(url, 'needs its token: set OPS_TOKEN as the worker has it')
  throw refused(url, `answers ${response.status} (${(await response.text()).slice(0, 200)})`)
}

/** Server-sent events, without comments. */
async function* eventsOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<{ event: string; data: string }> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const bytes of body) {
    const parts = (rest + decoder.decode(bytes, { stream: true })).split('\n\n')
    rest = parts.pop() ?? ''
    for (const part of parts) {
      const fields = new Map(
        part.split('\n').map((line) => [line.split(':', 1)[0] ?? '', line.replace(/^[^:]*: ?/, '')]),
      )
      const data = fields.get('data')
      if (data !== undefined) yield { event: fields.get('event') ?? 'message', data }
    }
  }
}

function failed(data: string): MillraceError<string> {
  const { code = 'TAP_WORKER', reason = data } = JSON.parse(data) as {
    readonly code?: string
    readonly reason?: string
  }
  return new MillraceError<string>(code, 'fatal', reason.replace(` [${code}]`, ''))
}

function refused(url: string, why: string): MillraceError {
  return new MillraceError('TAP_WORKER', 'fatal', `the worker ${url} ${why}`)
}
