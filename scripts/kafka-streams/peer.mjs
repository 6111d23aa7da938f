// @ts-check
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cacheFolder, packageRoot } from '../lab/folders.mjs'
import { findJava, javaProgram } from '../lab/java.mjs'
import { fetchJars, fillOnce } from '../lab/maven.mjs'
import { run } from '../lab/processes.mjs'

export const kafkaStreamsVersion = '4.3.1'
const quickOptions = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']

/**
 * How the Java application of `Peer.java` is started. At full speed with all stages of the compiler, to be measured;
 * else so that it starts soon.
 * @param {{ readonly fullSpeed?: boolean }} [options]
 * @returns {Promise<{ readonly program: string, readonly args: readonly string[] }>}
 */
export async function javaPeer({ fullSpeed = false } = {}) {
  const { java, jar, jars, folder } = await compiled('Peer')
  const classPath = ['-cp', `${jar}:${jars}/*`]
  if (fullSpeed) return { program: java, args: ['-Xmx512m', ...classPath, 'Peer'] }
  const archive = join(folder, 'classes')
  const options = [...quickOptions, ...classPath]
  await fillOnce(archive, async (temporary) => {
    // Without a broker it loads nearly all that it needs; with the archive it starts in half the time.
    const state = await mkdtemp(join(tmpdir(), 'millrace-java-'))
    const args = [
      'application=archive',
      `state=${state}`,
      'atEnd=leave',
      'protocol=classic',
      'guarantee=exactly_once_v2',
      'bootstrap=127.0.0.1:1',
      'threads=1',
      'commitMs=200',
      'cacheBytes=0',
      'lingerMs=100',
      'standbys=',
      'topology=shop',
      'inputs=',
      'outputs=',
    ]
    const file = `-XX:ArchiveClassesAtExit=${join(temporary, 'classes.jsa')}`
    // Its standard input ends after two seconds.
    await run('sh', ['-c', 'sleep 2 | "$0" "$@"', java, file, ...options, 'Peer', ...args])
    await rm(state, { recursive: true })
  })
  const shared = [`-XX:SharedArchiveFile=${join(archive, 'classes.jsa')}`, '-Xshare:auto']
  return { program: java, args: [...shared, ...options, 'Peer'] }
}

/**
 * How the Java program that restores one store is started: with all stages of the compiler, since it is measured.
 * @returns {Promise<{ readonly program: string, readonly args: readonly string[] }>}
 */
export async function javaRestore() {
  const { java, jar, jars } = await compiled('Restore')
  return { program: java, args: ['-Xmx1g', '-cp', `${jar}:${jars}/*`, 'Restore'] }
}

/**
 * How the Java program of the jobs of `bench/peers` is started: with all stages of the compiler.
 * @returns {Promise<{ readonly program: string, readonly args: readonly string[] }>}
 */
export async function javaJobs() {
  const { java, jar, jars } = await compiled('Jobs', ['SeenIds', 'FleetRates', 'FleetJob'])
  return { program: java, args: ['-Xmx1g', '-cp', `${jar}:${jars}/*`, 'Jobs'] }
}

/**
 * A program of this folder as a jar, and the jars of Kafka Streams: fetched and compiled once for this user.
 * @param {string} name
 * @param {readonly string[]} [parts] sources that it uses
 */
async function compiled(name, parts = []) {
  const java = findJava(17)
  const sources = join(packageRoot(), 'scripts', 'kafka-streams')
  const pom = join(sources, 'pom.xml')
  const jars = cacheFolder(`kafka-streams-${kafkaStreamsVersion}`, `jars-${await fingerprint(pom)}`)
  await fetchJars(pom, jars)
  const files = [name, ...parts].map((file) => join(sources, `${file}.java`))
  const folder = cacheFolder(
    `kafka-streams-${kafkaStreamsVersion}`,
    `${name}-${java.version}-${await fingerprint(...files)}`,
  )
  await fillOnce(folder, async (temporary) => {
    const classes = join(temporary, 'compiled')
    await run(javaProgram(java, 'javac'), ['-nowarn', '-cp', `${jars}/*`, '-d', classes, ...files])
    await run(javaProgram(java, 'jar'), ['--create', '--file', join(temporary, `${name}.jar`), '-C', classes, '.'])
  })
  return { java: javaProgram(java, 'java'), jar: join(folder, `${name}.jar`), jars, folder }
}

/**
 * Compiled again when a source has changed.
 * @param {...string} files
 */
async function fingerprint(...files) {
  const hash = createHash('sha256')
  for (const file of files) hash.update(await readFile(file))
  return hash.digest('hex').slice(0, 12)
}
