// @ts-check
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { findOnPath } from './java.mjs'
import { LabError } from './lab-error.mjs'
import { run } from './processes.mjs'

export function requireMaven() {
  const maven = findOnPath('mvn')
  if (!maven) throw new LabError('Maven (mvn) was not found: install it to fetch the test servers')
  return maven
}

/**
 * Fills a folder once: `fill` works in a folder beside it, which is then renamed, so that a broken or a simultaneous
 * set-up never leaves half of it.
 * @param {string} folder
 * @param {(temporary: string) => Promise<void>} fill
 */
export async function fillOnce(folder, fill) {
  if (existsSync(folder)) return
  await mkdir(dirname(folder), { recursive: true })
  const temporary = await mkdtemp(`${folder}.partial-`)
  try {
    await fill(temporary)
    await rename(temporary, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

/**
 * The jars of a pom.xml, once.
 * @param {string} pom
 * @param {string} folder
 */
export async function fetchJars(pom, folder) {
  await fillOnce(folder, async (temporary) => {
    console.error(`fetching the jars of ${pom} (once)`)
    await runMaven([
      '-f',
      pom,
      'dependency:copy-dependencies',
      `-DoutputDirectory=${temporary}`,
      '-DincludeScope=runtime',
    ])
  })
}

/**
 * One artefact (group:artifact:version:type:classifier), once.
 * @param {string} artifact
 * @param {string} folder
 */
export async function fetchArtifact(artifact, folder) {
  await fillOnce(folder, async (temporary) => {
    console.error(`fetching ${artifact} (once)`)
    await runMaven(['dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${temporary}`])
  })
}

/** @param {readonly string[]} args */
async function runMaven(args) {
  try {
    await run(requireMaven(), ['-q', '-B', ...args])
  } catch (error) {
    throw new LabError(`Maven could not fetch a test server: ${firstErrorLine(error)}`)
  }
}

/** @param {unknown} error */
function firstErrorLine(error) {
  const text = error instanceof Error ? error.message : String(error)
  return text.split('\n').find((line) => line.includes('ERROR')) ?? text.split('\n')[0]
}
