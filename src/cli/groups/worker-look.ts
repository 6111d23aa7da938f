import { errorMessage } from '../../core/errors.ts'
import type { GroupDescription } from '../../kafka/port.ts'
import type { ApplicationStatus } from '../../runtime/application/application-status.ts'
import { workerRequest } from '../worker-request.ts'

/** What one worker said about itself over HTTP, or why it did not. */
export interface WorkerLook {
  readonly url: string
  readonly status: ApplicationStatus | undefined
  /** A sentence with the setting that mends it; undefined: it answered. */
  readonly fault: string | undefined
}

const timeoutMs = 3000

/** Where workers are asked: those that are named, or else those whose addresses are in the group. */
export function workerUrls(named: readonly string[] | undefined, group: GroupDescription): readonly string[] {
  if (named !== undefined) return named
  const addresses = group.members.flatMap((member) => member.applicationServer ?? [])
  return [...new Set(addresses)].map((address) => `http://${address}`).sort()
}

/** Asks workers, and passes each fault to `warn` once, however often a view is drawn. */
export class WorkerLooks {
  readonly #token: string | undefined
  readonly #warn: (fault: string) => void
  readonly #told = new Set<string>()

  constructor({ token, warn }: { readonly token: string | undefined; readonly warn: (fault: string) => void }) {
    this.#token = token
    this.#warn = warn
  }

  async at(urls: readonly string[]): Promise<readonly WorkerLook[]> {
    const looks = await Promise.all(urls.map((url) => lookAtWorker(url, this.#token)))
    for (const { fault } of looks) {
      if (fault === undefined || this.#told.has(fault)) continue
      this.#told.add(fault)
      this.#warn(fault)
    }
    return looks
  }
}

/** Asks a worker for `/status`. Never rejects: what the cluster knows is shown anyway. */
async function lookAtWorker(url: string, token: string | undefined): Promise<WorkerLook> {
  try {
    const response = await workerRequest(new URL('/status', url), token, AbortSignal.timeout(timeoutMs))
    if (response.status === 401) return missing(url, 'it needs its token: set OPS_TOKEN to the token of the worker')
    if (!response.ok) return missing(url, `it answers ${response.status}: check whether the worker is still starting`)
    return { url, status: (await response.json()) as ApplicationStatus, fault: undefined }
  } catch (error) {
    return missing(
      url,
      `it cannot be reached (${errorMessage(error)}): see OPS_HOST, OPS_PORT and OPS_ADVERTISED_HOST of the worker`,
    )
  }
}

function missing(url: string, fault: string): WorkerLook {
  return { url, status: undefined, fault: `worker ${url}: ${fault}` }
}
