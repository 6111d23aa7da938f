import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { errorCode } from '../../core/errors.ts'

/** What the last user of an environment left beside it. */
export interface Sidecar {
  /** Of the layout of keys and values; another one is not read. */
  readonly format: number
  /** The boot of the machine on which it was opened; '' where that cannot be told. */
  readonly bootId: string
  /** Closed in order, with everything on the disk. */
  readonly clean: boolean
}

export type SidecarState = Sidecar | 'missing' | 'damaged'

export const sidecarName = 'millrace.json'

export function readSidecar(directory: string): SidecarState {
  let text: string
  try {
    text = readFileSync(join(directory, sidecarName), 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 'missing'
    throw error
  }
  try {
    const { format, bootId, clean } = JSON.parse(text) as Partial<Sidecar>
    if (typeof format !== 'number' || typeof bootId !== 'string' || typeof clean !== 'boolean') return 'damaged'
    return { format, bootId, clean }
  } catch {
    return 'damaged'
  }
}

/** On the disk, whole, when it returns. */
export function writeSidecar(directory: string, sidecar: Sidecar): void {
  const path = join(directory, sidecarName)
  const draft = `${path}.new`
  const file = openSync(draft, 'w')
  try {
    writeSync(file, JSON.stringify(sidecar))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(draft, path)
  syncPath(dirname(path))
}

/** Flushes a file, or the entries of a directory. */
export function syncPath(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** The kernel's id of this boot: memory that was not flushed is lost exactly when it changes. */
export function currentBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}
