// @ts-check
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from '../lab/folders.mjs'
import { findJava, javaProgram } from '../lab/java.mjs'
import { fetchArtifact, fillOnce, requireMaven } from '../lab/maven.mjs'
import { run, startServer, waitUntilReady } from '../lab/processes.mjs'

export const apicurioVersion = '3.3.3'

/** Why the Apicurio registry cannot run here; undefined when it can. */
export function apicurioUnavailable() {
  try {
    findJava(21)
    requireMaven()
    return undefined
  } catch (error) {
    return /** @type {Error} */ (error).message
  }
}

/**
 * Starts the registry with its store in memory; resolves to its process id when it serves.
 * @param {{ port: number, managementPort: number, folder: string, started?: (pid: number) => void }} options
 */
export async function startApicurioProcess({ port, managementPort, folder, started = () => {} }) {
  const java = findJava(21)
  const application = await installApicurio()
  const logFile = join(folder, 'apicurio.log')
  const pid = startServer({
    program: javaProgram(java, 'java'),
    args: ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx300m', '-jar', join(application, 'quarkus-run.jar')],
    logFile,
    cwd: folder,
    env: {
      QUARKUS_HTTP_HOST: '127.0.0.1',
      QUARKUS_HTTP_PORT: String(port),
      QUARKUS_MANAGEMENT_HOST: '127.0.0.1',
      QUARKUS_MANAGEMENT_PORT: String(managementPort),
    },
  })
  started(pid)
  await waitUntilReady({
    name: 'the Apicurio registry',
    pid,
    logFile,
    timeoutMs: 120_000,
    ready: () => answers(`http://127.0.0.1:${port}/apis/ccompat/v7/subjects`),
  })
  return pid
}

async function installApicurio() {
  const download = cacheFolder(`apicurio-${apicurioVersion}`, 'download')
  const application = cacheFolder(`apicurio-${apicurioVersion}`, 'application')
  await fetchArtifact(`io.apicurio:apicurio-registry-app:${apicurioVersion}:tar.gz:all`, download)
  await fillOnce(application, async (temporary) => {
    await run('tar', ['xzf', join(download, /** @type {string} */ (readdirSync(download)[0])), '-C', temporary])
  })
  return application
}

/** @param {string} url */
async function answers(url) {
  try {
    return (await fetch(url)).ok
  } catch {
    return false
  }
}
