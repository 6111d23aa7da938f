// @ts-check
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { apicurioUnavailable, startApicurioProcess } from './apicurio/server.mjs'
import { KafkaProcesses } from './kafka/cluster.mjs'
import { kafkaUnavailable } from './kafka/install.mjs'
import { guardFolder, guardProcess } from './lab/guard.mjs'
import { freePorts, stopServer } from './lab/processes.mjs'
import { openSearchUnavailable, startOpenSearchProcess } from './opensearch/server.mjs'

/**
 * Starts one of each server that can run here, for all suites of a run; their addresses go to the tests as environment.
 * A server that fails to start is not named there: the suites that need it then start, and report, their own.
 */
export async function startSharedServers() {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-shared-'))
  guardFolder(folder)
  /** @type {Record<string, string>} */
  const environment = {}
  /** @type {number[]} */
  const pids = []
  const started = (/** @type {number} */ pid) => {
    pids.push(pid)
    guardProcess(pid)
  }
  const [client = 0, controller = 0, search = 0, registry = 0, management = 0] = await freePorts(5)
  const starts = {
    kafka: async () => {
      if (kafkaUnavailable() !== undefined) return
      const cluster = await KafkaProcesses.start({ nodes: [{ client, controller }], folder, started })
      environment.MILLRACE_TEST_KAFKA = cluster.bootstrap
    },
    opensearch: async () => {
      if (process.env.ELASTICSEARCH_URL !== undefined || openSearchUnavailable() !== undefined) return
      await startOpenSearchProcess({ port: search, folder, started })
      environment.MILLRACE_TEST_OPENSEARCH = `http://127.0.0.1:${search}`
    },
    apicurio: async () => {
      if (apicurioUnavailable() !== undefined) return
      await startApicurioProcess({ port: registry, managementPort: management, folder, started })
      environment.MILLRACE_TEST_REGISTRY = `http://127.0.0.1:${registry}/apis/ccompat/v7`
    },
  }
  for (const [name, start] of Object.entries(starts)) {
    await start().catch((/** @type {Error} */ error) => console.error(`${name} did not start: ${error.message}`))
  }
  return {
    environment,
    stop: async () => {
      await Promise.all(pids.map((pid) => stopServer(pid, 0)))
      await rm(folder, { recursive: true, force: true })
    },
  }
}
