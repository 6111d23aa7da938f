import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startApicurioProcess } from '../../scripts/apicurio/server.mjs'
import { guardFolder, guardProcess, releaseProcess } from '../../scripts/lab/guard.mjs'
import { freePorts, stopServer } from '../../scripts/lab/processes.mjs'

export interface SchemaRegistryServer {
  /** The root of the API that is compatible with Confluent's registry. */
  readonly url: string
  stop(): Promise<void>
}

/** Starts an Apicurio registry, its store in memory: some 10 s, and 15 s more the first time on a machine. */
export async function startApicurio(): Promise<SchemaRegistryServer> {
  const [port, managementPort] = (await freePorts(2)) as [number, number]
  const folder = await mkdtemp(join(tmpdir(), 'millrace-apicurio-'))
  guardFolder(folder)
  const pid = await startApicurioProcess({ port, managementPort, folder, started: guardProcess })
  return {
    url: `http://127.0.0.1:${port}/apis/ccompat/v7`,
    stop: async () => {
      await stopServer(pid, 0)
      releaseProcess(pid)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The registry that all suites of a run share (`npm test` starts it), else one of this process. */
export async function sharedApicurio(): Promise<SchemaRegistryServer> {
  const url = process.env.MILLRACE_TEST_REGISTRY
  if (url !== undefined) return { url, stop: async () => {} }
  return startApicurio()
}
