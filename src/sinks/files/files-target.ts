import { join } from 'node:path'
import { MillraceError, errorCode, errorMessage } from '../../core/errors.ts'
import { makeDirectory } from '../../core/make-directory.ts'
import type { BatchTarget, WriteResult } from '../batch-target.ts'
import { BufferPool } from '../buffer-pool.ts'
import { allWritten } from '../write-results.ts'
import { AppendFile } from './append-file.ts'
import { FilesBatch } from './files-batch.ts'
import type { FilesConfig } from './files-options.ts'

/** Files that are open concurrently; the one that was written longest ago is closed for another. */
const maxOpenFiles = 64

/** Appends batches one after the other; those that wait for the disk wait together. */
export class FilesTarget implements BatchTarget<FilesBatch> {
  readonly #config: FilesConfig
  readonly #pool: BufferPool
  /** In the order of their last use; others after each failure. */
  #files = new Map<string, AppendFile>()
  #lastTurn: Promise<unknown> = Promise.resolve()

  constructor(config: FilesConfig) {
    this.#config = config
    this.#pool = new BufferPool(config)
  }

  async open(): Promise<void> {
    const { directory, name } = this.#config
    try {
      await makeDirectory(directory)
    } catch (error) {
      const text = `sink ${name}: directory ${directory} cannot be created (${errorMessage(error)}): check path and rights`
      throw new MillraceError('SINK_MISCONFIGURED', 'fatal', text, { cause: error })
    }
  }

  newBatch(): FilesBatch {
    return new FilesBatch(this.#config, this.#pool)
  }

  async write(batch: FilesBatch): Promise<WriteResult<FilesBatch>> {
    const files = this.#files
    const turn = this.#lastTurn.then(() => this.#append(files, batch)).catch((error) => this.#fail(files, error))
    this.#lastTurn = turn.catch(() => {})
    const written = await turn
    await Promise.all(written.map((file) => file.sync())).catch((error) => this.#fail(files, error))
    return allWritten
  }

  async close(): Promise<void> {
    await this.#forget(this.#files)
  }

  async #append(files: Map<string, AppendFile>, batch: FilesBatch): Promise<readonly AppendFile[]> {
    // Lines keep their order: a batch before this one is to be written again.
    if (files !== this.#files) throw new Error('a write before it failed')
    const written: AppendFile[] = []
    for (const [name, lines] of batch.linesByFile) {
      const file = await this.#opened(files, name)
      await file.append(lines.slice())
      written.push(file)
    }
    return written
  }

  async #opened(files: Map<string, AppendFile>, name: string): Promise<AppendFile> {
    const file = files.get(name) ?? (await AppendFile.open(join(this.#config.directory, name)))
    files.delete(name)
    files.set(name, file)
    const [oldest] = files
    if (files.size > maxOpenFiles && oldest) {
      await oldest[1].sync()
      files.delete(oldest[0])
      await oldest[1].close()
    }
    return file
  }

  /** A full or failing disk may be made good; what was written of a batch is written again. */
  async #fail(files: Map<string, AppendFile>, error: unknown): Promise<never> {
    await this.#forget(files)
    const text = `${errorCode(error) ?? 'error'}: ${errorMessage(error)}`
    throw new MillraceError('SINK_UNAVAILABLE', 'retriable', text, { cause: error })
  }

  async #forget(files: Map<string, AppendFile>): Promise<void> {
    if (files === this.#files) this.#files = new Map()
    const open = [...files.values()]
    files.clear()
    await Promise.allSettled(open.map((file) => file.close()))
  }
}
