// @ts-check
import { existsSync, readdirSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder, packageRoot } from '../lab/folders.mjs'
import { findJava, javaProgram } from '../lab/java.mjs'
import { fetchJars, fillOnce, requireMaven } from '../lab/maven.mjs'
import { freePorts, run, startServer, stopServer } from '../lab/processes.mjs'
import { brokerProperties } from './properties.mjs'
import { waitForBroker } from './ready.mjs'

export const kafkaVersion = '4.3.1'

/**
 * What is needed to start a broker.
 * @typedef {{ readonly java: string, readonly classPath: string, readonly archive: string, readonly formatted: string }} KafkaInstallation
 */

/** Why Kafka cannot run here; undefined when it can. */
export function kafkaUnavailable() {
  try {
    findJava(17)
    if (!existsSync(jarFolder())) requireMaven()
    return undefined
  } catch (error) {
    return /** @type {Error} */ (error).message
  }
}

const jarFolder = () => cacheFolder(`kafka-${kafkaVersion}`, 'jars')

/**
 * Fetches the jars, formats a first log folder and writes the class archive, each once for this user.
 * @returns {Promise<KafkaInstallation>}
 */
export async function installKafka() {
  const java = findJava(17)
  const jars = jarFolder()
  await fetchJars(join(packageRoot(), 'scripts', 'kafka', 'pom.xml'), jars)
  const installation = {
    java: javaProgram(java, 'java'),
    classPath: readdirSync(jars)
      .sort()
      .map((jar) => join(jars, jar))
      .join(':'),
    archive: cacheFolder(`kafka-${kafkaVersion}`, `classes-${java.version}.jsa`),
    formatted: cacheFolder(`kafka-${kafkaVersion}`, 'formatted'),
  }
  await fillOnce(installation.formatted, (folder) => format(installation, folder))
  if (!existsSync(installation.archive)) await writeClassArchive(installation)
  return installation
}

/**
 * Options of the virtual machine: the quick compiler, because tests care for the start, or the full one for measurements.
 * @param {KafkaInstallation} installation
 * @param {{ fullSpeed?: boolean }} options
 */
export function javaOptions(installation, { fullSpeed = false } = {}) {
  return [
    ...(fullSpeed
      ? ['-Xms1g', '-Xmx2g', '-XX:+UseG1GC']
      : ['-Xms128m', '-Xmx512m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']),
    ...(existsSync(installation.archive) ? [`-XX:SharedArchiveFile=${installation.archive}`, '-Xshare:auto'] : []),
    `-Dlog4j2.configurationFile=${join(packageRoot(), 'scripts', 'kafka', 'log4j2.xml')}`,
    '-cp',
    installation.classPath,
  ]
}

/** The cluster id of the formatted folder; a cluster gets its own in its `meta.properties`. */
const formatClusterId = 'MkU3OEVBNTcwNTJENDM2Qg'

/**
 * Writes a log folder as a new broker needs it into `folder`. Features that are not named have their newest level.
 * @param {KafkaInstallation} installation
 * @param {string} folder
 * @param {Readonly<Record<string, number>>} features
 */
export async function format(installation, folder, features = {}) {
  const properties = join(folder, 'server.properties')
  const logFolder = join(folder, 'log')
  await writeFile(properties, brokerProperties({ node: 1, nodes: [{ client: 9092, controller: 9093 }], logFolder }))
  await run(installation.java, [
    ...javaOptions(installation),
    'kafka.tools.StorageTool',
    'format',
    '-t',
    formatClusterId,
    '-c',
    properties,
    ...Object.entries(features).flatMap(([name, level]) => ['--feature', `${name}=${level}`]),
  ])
}

/**
 * Records the classes of a short run; a broker with this archive starts in half the time.
 * @param {KafkaInstallation} installation
 */
async function writeClassArchive(installation) {
  console.error('writing the class archive of Kafka (once)')
  const folder = await mkdtemp(`${installation.archive}.partial-`)
  const [client, controller] = /** @type {[number, number]} */ (await freePorts(2))
  const logFolder = join(folder, 'log')
  const archive = join(folder, 'classes.jsa')
  const properties = join(folder, 'server.properties')
  const logFile = join(folder, 'server.log')
  try {
    await mkdir(logFolder)
    await cp(join(installation.formatted, 'log'), logFolder, { recursive: true })
    await writeFile(properties, brokerProperties({ node: 1, nodes: [{ client, controller }], logFolder }))
    const pid = startServer({
      program: installation.java,
      args: [`-XX:ArchiveClassesAtExit=${archive}`, ...javaOptions(installation), 'kafka.Kafka', properties],
      logFile,
    })
    try {
      await waitForBroker(pid, logFile, 1)
      const tool = ['org.apache.kafka.tools.TopicCommand', '--bootstrap-server', `127.0.0.1:${client}`]
      await run(installation.java, [...javaOptions(installation), ...tool, '--create', '--topic', 'warm'])
    } finally {
      await stopServer(pid, 60_000)
    }
    await rename(archive, installation.archive)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
