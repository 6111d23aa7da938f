import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { open, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from '../../core/errors.ts'
import { type FileMark, markOf } from './data-file.ts'

/** What the last process that used an environment noted next to it. */
export interface Sidecar {
  /** Of the layout of keys and values; another one is not read. */
  readonly format: number
  /** The boot of the machine on which it was opened; '' where that is unknown. */
  readonly bootId: string
  /** Closed in order, with everything on the disk. */
  readonly clean: boolean
  /** Of the file as a close in order left it. */
  readonly file?: FileMark | undefined
}

export type Opened = Pick<Sidecar, 'format' | 'bootId'>

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
    const { format, bootId, clean, file } = JSON.parse(text) as Partial<Sidecar>
    if (typeof format !== 'number' || typeof bootId !== 'string' || typeof clean !== 'boolean') return 'damaged'
    return { format, bootId, clean, file }
  } catch {
    return 'damaged'
  }
}

/**
 * The state is in use. On the disk when it returns, where a mark of a clean end would outlive a crash of the machine.
 */
export function markOpen(directory: string, sidecar: Opened): void {
  const before = readSidecar(directory)
  const mustLast = typeof before !== 'string' && before.clean
  const path = join(directory, sidecarName)
  const draft = `${path}.new`
  writeFileSync(draft, JSON.stringify({ ...sidecar, clean: false }), { flush: mustLast })
  renameSync(draft, path)
  if (!mustLast) return
  const folder = openSync(directory, 'r')
  fsyncSync(folder)
  closeSync(folder)
}

/** The state was closed in order: everything is on the disk when it resolves, the mark last. */
export async function markClean(directory: string, dataFile: string, sidecar: Opened): Promise<void> {
  await synced(dataFile)
  const path = join(directory, sidecarName)
  const draft = `${path}.new`
  await writeFile(draft, JSON.stringify({ ...sidecar, clean: true, file: markOf(dataFile) }))
  await synced(draft)
  await rename(draft, path)
  await synced(directory)
}

/** Flushes a file, or the entries of a directory. */
async function synced(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
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
