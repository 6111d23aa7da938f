import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { guardFolder, guardProcess, releaseProcess } from '../../scripts/lab/guard.mjs'
import { freePorts, signal, stopServer } from '../../scripts/lab/processes.mjs'
import { startOpenSearchProcess } from '../../scripts/opensearch/server.mjs'

export interface OpenSearchOptions {
  readonly port?: number
  /** A short queue makes single documents fail with 429. */
  readonly writeQueue?: number
  /** A size such as `2mb`: a bulk above it fails whole with 429. */
  readonly indexingPressure?: string
}

export interface OpenSearchServer {
  readonly url: string
  /** SIGSTOP: it takes connections and answers nothing. */
  pause(): void
  resume(): void
  stop(): Promise<void>
}

/** Starts an OpenSearch node: some 8 s, and 15 s more the first time on a machine. */
export async function startOpenSearch(options: OpenSearchOptions = {}): Promise<OpenSearchServer> {
  const [freePort = 0] = await freePorts(1)
  const { port = freePort, ...limits } = options
  const folder = await mkdtemp(join(tmpdir(), 'millrace-opensearch-'))
  guardFolder(folder)
  const pid = await startOpenSearchProcess({ port, folder, ...limits, started: guardProcess })
  return {
    url: `http://127.0.0.1:${port}`,
    pause: () => signal(pid, 'SIGSTOP'),
    resume: () => signal(pid, 'SIGCONT'),
    stop: async () => {
      await stopServer(pid, 0)
      releaseProcess(pid)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/**
 * The search server that all suites of a run share: the Elasticsearch of `ELASTICSEARCH_URL` when given, the OpenSearch
 * that `npm test` started, else one of this process. Suites use index names of their own and pause nothing.
 */
export async function sharedSearchServer(): Promise<Pick<OpenSearchServer, 'url' | 'stop'>> {
  const url = process.env.ELASTICSEARCH_URL ?? process.env.MILLRACE_TEST_OPENSEARCH
  if (url !== undefined) return { url, stop: async () => {} }
  return startOpenSearch()
}
