// @ts-check
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { LabError } from './lab-error.mjs'

/**
 * @typedef {{ readonly home: string, readonly version: string, readonly major: number }} Java
 */

/**
 * The first file of this name on the PATH.
 * @param {string} name
 */
export function findOnPath(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, name)
    if (folder !== '' && existsSync(file)) return file
  }
  return undefined
}

/**
 * The lowest installed Java that is new enough: JAVA_HOME and JAVA_HOME_* first, then the `java` of the PATH, then the
 * Javas that are installed beside it.
 * @param {number} minimumMajor
 * @returns {Java}
 */
export function findJava(minimumMajor) {
  const candidates = javaHomes()
    .map(describe)
    .filter((java) => java !== undefined)
    .filter((java) => java.major >= minimumMajor)
  candidates.sort((left, right) => left.major - right.major)
  const [best] = candidates
  if (best) return best
  throw new LabError(`Java ${minimumMajor} or newer was not found: install a JDK or set JAVA_HOME`)
}

function javaHomes() {
  const homes = new Set(
    Object.entries(process.env)
      .filter(([name]) => name.startsWith('JAVA_HOME'))
      .map(([, home]) => home ?? ''),
  )
  const onPath = findOnPath('java')
  if (onPath) homes.add(dirname(dirname(realpathSync(onPath))))
  for (const home of [...homes].filter((name) => existsSync(name))) {
    const parent = dirname(realpathSync(home))
    for (const sibling of readdirSync(parent)) homes.add(join(parent, sibling))
  }
  return [...homes]
}

/**
 * Reads the version from the `release` file, which is quicker than starting a virtual machine.
 * @param {string} home
 * @returns {Java | undefined}
 */
function describe(home) {
  const release = join(home, 'release')
  if (!existsSync(release) || !existsSync(join(home, 'bin', 'java'))) return undefined
  const version = /^JAVA_VERSION="(.+)"$/m.exec(readFileSync(release, 'utf8'))?.[1]
  return version === undefined ? undefined : { home, version, major: Number.parseInt(version, 10) }
}

/**
 * A program of a Java installation.
 * @param {Java} java
 * @param {string} name
 */
export function javaProgram(java, name) {
  return join(java.home, 'bin', name)
}
