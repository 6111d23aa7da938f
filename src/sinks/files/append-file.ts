import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'

const newline = 0x0a
const blank = 0x20
const stepBytes = 64 * 1024

/** A file of lines that only grows; what was appended is on the disk when a `sync` after it resolved. */
export class AppendFile {
  readonly #handle: FileHandle
  #appended = 0
  #synced = 0
  #syncing: Promise<void> | undefined

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  static async open(path: string): Promise<AppendFile> {
    const handle = await open(path, 'a')
    try {
      await blankTornLine(path)
      await syncFolder(dirname(path))
    } catch (error) {
      await handle.close()
      throw error
    }
    return new AppendFile(handle)
  }

  /** Whole lines in one write, so that those of several writers do not mix. */
  async append(lines: Uint8Array): Promise<void> {
    for (let start = 0; start < lines.length; ) {
      const { bytesWritten } = await this.#handle.write(lines, start)
      start += bytesWritten
    }
    this.#appended++
  }

  /** Concurrent waiters share a sync: the running one, if it began late enough for them, else the next. */
  async sync(): Promise<void> {
    const wanted = this.#appended
    while (this.#synced < wanted) await (this.#syncing ??= this.#syncData())
  }

  /** One that failed stays, for all who come later: the system forgets what it could not write. */
  async #syncData(): Promise<void> {
    const covered = this.#appended
    await this.#handle.datasync()
    this.#synced = covered
    this.#syncing = undefined
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}

/**
 * A writer that died while it wrote leaves a line without end. It is overwritten with blanks, which JSON allows before
 * the document that will follow on that line. Unlike a cut this cannot hurt another writer of the same file.
 */
async function blankTornLine(path: string): Promise<void> {
  const handle = await open(path, 'r+')
  try {
    const { size } = await handle.stat()
    const start = await endOfLastLine(handle, size)
    if (start === size) return
    await handle.write(Buffer.alloc(size - start, blank), 0, size - start, start)
    await handle.datasync()
  } finally {
    await handle.close()
  }
}

async function endOfLastLine(handle: FileHandle, size: number): Promise<number> {
  const buffer = Buffer.alloc(stepBytes)
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - stepBytes)
    const { bytesRead } = await handle.read(buffer, 0, end - start, start)
    const found = buffer.subarray(0, bytesRead).lastIndexOf(newline)
    if (found >= 0) return start + found + 1
    end = start
  }
  return 0
}

/** A new file is lost with its folder's entry unless that is on the disk too. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
