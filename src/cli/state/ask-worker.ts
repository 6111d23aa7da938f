import { errorMessage, MillraceError } from '../../core/errors.ts'
import { workerRequest } from '../worker-request.ts'

/** One row as a worker tells it. */
export interface StateRow {
  readonly key: unknown
  readonly value: unknown
  readonly window?: { readonly startMs: number; readonly endMs: number }
}

/** What is asked of each worker. */
export interface StateQuestion {
  readonly store: string
  readonly kind: 'get' | 'range' | 'window' | 'session'
  readonly parameters: Readonly<Record<string, string | number | undefined>>
}

/** The body of an answer: rows, or the code and the reason of a refusal. */
interface Answer {
  readonly rows?: readonly StateRow[]
  readonly code?: string
  readonly reason?: string
}

const timeoutMs = 10_000

/**
 * The rows that one worker has. Rejects with STATE_MEMBER, which names the worker and the setting, and with the code that
 * the worker gives, such as STORE_KIND.
 */
export async function askWorker(
  address: string,
  token: string | undefined,
  { store, kind, parameters }: StateQuestion,
): Promise<readonly StateRow[]> {
  const url = new URL(`/state/${encodeURIComponent(store)}/${kind}`, address)
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) url.searchParams.set(name, String(value))
  const response = await workerRequest(url, token, AbortSignal.timeout(timeoutMs)).catch((cause: unknown) => {
    throw refused(
      address,
      `cannot be reached (${errorMessage(cause)}): see OPS_HOST and OPS_ADVERTISED_HOST of the worker, or give --worker`,
    )
  })
  const answer = (await response.json().catch(() => ({}))) as Answer
  if (response.ok && answer.rows !== undefined) return answer.rows
  if (response.status === 401) throw refused(address, 'needs its token: set OPS_TOKEN as the worker has it')
  if (answer.code !== undefined)
    throw new MillraceError<string>(answer.code, 'fatal', `worker ${address}: ${bare(answer.reason, answer.code)}`)
  throw refused(
    address,
    `answers ${response.status} (${answer.reason ?? 'no rows'}): see whether it is a worker of this version`,
  )
}

/** Codes come at the end of each message; the new error has its own. */
function bare(reason = '', code: string): string {
  return reason.replace(` [${code}]`, '')
}

function refused(address: string, fault: string): MillraceError {
  return new MillraceError('STATE_MEMBER', 'retriable', `worker ${address} ${fault}`)
}
