// @ts-check
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of this checkout; the same from the sources and from the build. */
export function packageRoot() {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package-lock.json'))) folder = dirname(folder)
  return folder
}

/**
 * A folder of the per-user cache, for what is fetched or built once: jars, class archives.
 * @param {...string} names
 */
export function cacheFolder(...names) {
  return join(process.env.MILLRACE_CACHE ?? join(homedir(), '.cache', 'millrace'), ...names)
}
