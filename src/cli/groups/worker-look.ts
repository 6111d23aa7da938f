import { errorMessage } from '../../core/errors.ts'
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

/** Asks a worker for `/status`. Never rejects: what the cluster knows is shown anyway. */
export async function lookAtWorker(url: string, token: string | undefined): Promise<WorkerLook> {
  try {
    const response = await workerRequest(new URL('/status', url), token, timeoutMs)
    if (response.status === 401) return missing(url, 'it needs its token: set OPS_TOKEN to the token of the worker')
    if (!response.ok) return missing(url, `it answers ${response.status}: check whether the worker is still starting`)
    return { url, status: (await response.json()) as ApplicationStatus, fault: undefined }
  } catch (error) {
    return missing(url, `it cannot be reached (${errorMessage(error)}): see OPS_HOST and OPS_PORT of the worker`)
  }
}

function missing(url: string, fault: string): WorkerLook {
  return { url, status: undefined, fault: `worker ${url}: ${fault}` }
}
