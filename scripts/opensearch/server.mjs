// @ts-check
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder, packageRoot } from '../lab/folders.mjs'
import { findJava, javaProgram } from '../lab/java.mjs'
import { fetchJars, fillOnce, requireMaven } from '../lab/maven.mjs'
import { run, startServer, waitUntilReady } from '../lab/processes.mjs'

export const openSearchVersion = '3.8.0'

/** Why OpenSearch cannot run here; undefined when it can. */
export function openSearchUnavailable() {
  try {
    findJava(21)
    if (!existsSync(jarFolder())) requireMaven()
    return undefined
  } catch (error) {
    return /** @type {Error} */ (error).message
  }
}

const jarFolder = () => cacheFolder(`opensearch-${openSearchVersion}`, 'jars')

/**
 * Starts one node; resolves to its process id when it serves.
 * @param {{
 *   port: number, folder: string, writeQueue?: number, indexingPressure?: string, started?: (pid: number) => void
 * }} options `writeQueue` and `indexingPressure` (a size such as `2mb`) make it answer 429 early
 */
export async function startOpenSearchProcess({ port, folder, writeQueue, indexingPressure, started = () => {} }) {
  const java = findJava(21)
  const jars = jarFolder()
  await fetchJars(join(packageRoot(), 'scripts', 'opensearch', 'pom.xml'), jars)
  const classes = cacheFolder(`opensearch-${openSearchVersion}`, `classes-${java.version}`)
  await fillOnce(classes, async (temporary) => {
    const source = join(packageRoot(), 'scripts', 'opensearch', 'Server.java')
    await run(javaProgram(java, 'javac'), ['-cp', `${jars}/*`, '-d', temporary, source])
  })
  const logFile = join(folder, 'opensearch.log')
  const pid = startServer({
    program: javaProgram(java, 'java'),
    args: [
      '--enable-native-access=ALL-UNNAMED',
      '-Xmx512m',
      '-XX:TieredStopAtLevel=1',
      `-Dmillrace.port=${port}`,
      `-Dmillrace.folder=${join(folder, 'data')}`,
      ...(writeQueue === undefined ? [] : [`-Dmillrace.writeQueue=${writeQueue}`]),
      ...(indexingPressure === undefined ? [] : [`-Dmillrace.indexingPressure=${indexingPressure}`]),
      '-cp',
      `${classes}:${jars}/*`,
      'Server',
    ],
    logFile,
    cwd: folder,
  })
  started(pid)
  await waitUntilReady({
    name: 'OpenSearch',
    pid,
    logFile,
    timeoutMs: 120_000,
    ready: () => readFileSync(logFile, 'utf8').includes('READY'),
  })
  return pid
}
