import { closeSync, fstatSync, openSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { Damage, newestMeta } from './file-meta.ts'
import { PageWalk } from './page-walk.ts'

// The file format of LMDB as lmdb 3.5.6 writes it (data version 2, 64 bit, little-endian, pages of 4096 bytes). LMDB
// trusts its file: a damaged one ends the process with SIGSEGV, SIGBUS or an assertion, or reads as if entries were
// missing. So the file is looked at with plain reads before LMDB opens it.

const readAheadBytes = 1024 * 1024

export type FileCheck = { readonly ok: true } | { readonly ok: false; readonly reason: string }

/** The file as a close left it: whoever writes to it later changes its time. */
export interface FileMark {
  readonly bytes: number
  readonly node: string
  readonly modifiedNs: string
  readonly changedNs: string
  /** The last one of LMDB. */
  readonly transaction: string
}

/** Says whether LMDB may open the file: both meta pages, and every page that can be reached (some 15 microseconds each). */
export function checkDataFile(path: string): FileCheck {
  const steps = checkSteps(path)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** The same, in turns of some milliseconds. */
export async function checkDataFileInTurns(path: string): Promise<FileCheck> {
  await readAhead(path)
  const steps = checkSteps(path)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** The mark of a file; undefined where it cannot be LMDB's. */
export function markOf(path: string): FileMark | undefined {
  const file = openSync(path, 'r')
  try {
    const { size, ino, mtimeNs, ctimeNs } = fstatSync(file, { bigint: true })
    const { transaction } = newestMeta(file, Number(size))
    return {
      bytes: Number(size),
      node: String(ino),
      modifiedNs: String(mtimeNs),
      changedNs: String(ctimeNs),
      transaction: String(transaction),
    }
  } catch (error) {
    if (error instanceof Damage || error instanceof RangeError) return undefined
    throw error
  } finally {
    closeSync(file)
  }
}

/** So that the walk, which jumps about, does not wait for a disk while it holds the event loop. */
async function readAhead(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    const bytes = Buffer.allocUnsafe(readAheadBytes)
    while ((await file.read(bytes, 0, readAheadBytes, null)).bytesRead > 0);
  } finally {
    await file.close()
  }
}

function* checkSteps(path: string): Generator<void, FileCheck> {
  const file = openSync(path, 'r')
  try {
    const meta = newestMeta(file, fstatSync(file).size)
    yield* new PageWalk(file, meta).walk()
    return { ok: true }
  } catch (error) {
    if (error instanceof Damage || error instanceof RangeError) return { ok: false, reason: error.message }
    throw error
  } finally {
    closeSync(file)
  }
}
