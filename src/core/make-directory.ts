import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorCode } from './errors.ts'

/**
 * Creates a directory and its parents, also while others do the same; rejects as `mkdir` does. Node's own recursive one
 * never ends where a file system takes no new names and says that the directory above is not there, as `/proc` does.
 */
export async function makeDirectory(path: string): Promise<void> {
  const failure = await failureOf(path)
  if (failure === undefined) return
  if (errorCode(failure) !== 'ENOENT') throw failure
  const above = dirname(path)
  // It may be there by now: somebody else has made it.
  if (!(await isDirectory(above))) await makeDirectory(above)
  const failureAgain = await failureOf(path)
  if (failureAgain !== undefined) throw failureAgain
}

/** undefined once the directory is there. */
async function failureOf(path: string): Promise<unknown> {
  try {
    await mkdir(path)
    return undefined
  } catch (error) {
    return (await isDirectory(path)) ? undefined : error
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}
