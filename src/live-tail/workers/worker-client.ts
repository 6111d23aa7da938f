import { errorMessage } from '../../core/errors.ts'

/** The answer of a worker. */
export interface WorkerAnswer {
  readonly status: number
  /** What its body says, as JSON; undefined: it is none. */
  readonly body: unknown
}

const deadlineMs = 3000
const bytesMax = 8_388_608

/** Asks the HTTP servers of workers, with their token. */
export class WorkerClient {
  readonly #headers: Readonly<Record<string, string>>

  constructor(token: string | undefined) {
    this.#headers = Object.freeze(token === undefined ? {} : { authorization: `Bearer ${token}` })
  }

  /** Rejects where there is no answer within 3 s, or one that is too large. */
  async ask(address: string, path: string, method: 'GET' | 'POST' = 'GET', within = deadlineMs): Promise<WorkerAnswer> {
    const response = await this.#fetch(address, path, method, AbortSignal.timeout(within))
    return { status: response.status, body: jsonOf(await boundedText(response)) }
  }

  /** A stream without an end; the signal ends it. Rejects where the worker cannot be reached. */
  open(address: string, path: string, signal: AbortSignal): Promise<Response> {
    return this.#fetch(address, path, 'GET', signal)
  }

  async #fetch(address: string, path: string, method: string, signal: AbortSignal): Promise<Response> {
    try {
      return await fetch(`http://${address}${path}`, { method, signal, headers: this.#headers, redirect: 'error' })
    } catch (error) {
      const { cause } = error as { readonly cause?: unknown }
      throw new Error(`no answer (${errorMessage(cause ?? error)})`, { cause: error })
    }
  }
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).length
    if (bytes > bytesMax) throw new Error(`its answer has more than ${bytesMax} bytes`)
    chunks.push(chunk as Uint8Array)
  }
  return Buffer.concat(chunks).toString()
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
