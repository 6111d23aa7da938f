// @ts-check
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder, packageRoot } from '../lab/folders.mjs'
import { findJava, javaProgram } from '../lab/java.mjs'
import { fetchJars, fillOnce } from '../lab/maven.mjs'
import { run } from '../lab/processes.mjs'

const version = '4.3.1'

/**
 * How the Java application of `Peer.java` is started: its jars are fetched and it is compiled once for this user.
 * @returns {Promise<{ readonly program: string, readonly args: readonly string[] }>}
 */
export async function javaPeer() {
  const java = findJava(17)
  const folder = join(packageRoot(), 'scripts', 'kafka-streams')
  const jars = cacheFolder(`kafka-streams-${version}`, 'jars')
  await fetchJars(join(folder, 'pom.xml'), jars)
  const source = join(folder, 'Peer.java')
  const classes = cacheFolder(`kafka-streams-${version}`, `classes-${java.version}-${await fingerprint(source)}`)
  await fillOnce(classes, async (temporary) => {
    await run(javaProgram(java, 'javac'), ['-nowarn', '-cp', `${jars}/*`, '-d', temporary, source])
  })
  const options = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', `${classes}:${jars}/*`]
  return { program: javaProgram(java, 'java'), args: [...options, 'Peer'] }
}

/**
 * Compiled anew when the source has changed.
 * @param {string} file
 */
async function fingerprint(file) {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
    .slice(0, 12)
}
