import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const sizeBytes = 64 << 20

/** A file system of 64 MiB, which a test can fill. */
export class SmallDisk {
  readonly folder: string
  readonly #filler: string

  private constructor(folder: string) {
    this.folder = folder
    this.#filler = join(folder, 'filler')
  }

  /** Throws where this process may not mount one. */
  static mount(): SmallDisk {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-disk-'))
    const options = ['-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'millrace', folder]
    const { status, stderr } = spawnSync('mount', options, { encoding: 'utf8' })
    if (status === 0) return new SmallDisk(folder)
    rmSync(folder, { recursive: true })
    throw new Error(`mount ended with ${status}: ${(stderr ?? '').trim()}`)
  }

  /** Leaves no byte free. */
  fill(): void {
    try {
      for (;;) writeFileSync(this.#filler, Buffer.alloc(1 << 16), { flag: 'a' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }

  /** Makes room again. */
  clear(): void {
    rmSync(this.#filler)
  }

  /** Nobody may have a file open there. */
  unmount(): void {
    spawnSync('umount', [this.folder])
    rmSync(this.folder, { recursive: true })
  }
}

/** Why there is no small disk here; undefined: there is one. To mount one takes the rights of root on Linux. */
export function smallDiskUnavailable(): string | undefined {
  try {
    SmallDisk.mount().unmount()
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}
