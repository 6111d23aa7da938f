import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { MillraceError, errorCode, errorMessage } from '../../core/errors.ts'
import { type BatchTarget, type SinkItem, type WriteResult, allWritten } from '../batch-target.ts'
import { encodeDocument } from '../document.ts'
import type { SinkRecord } from '../port.ts'
import { AppendFile } from './append-file.ts'
import type { FilesConfig } from './files-sink.ts'

export interface FileItem extends SinkItem {
  readonly file: string
  readonly line: Buffer
}

/** A file refuses no line: nobody asks for the record again, and the memory that it takes would be held for nothing. */
const forgotten: SinkRecord = Object.freeze({
  topic: '',
  partition: -1,
  offset: -1,
  sequence: 0,
  timestamp: -1,
  key: null,
  value: null,
  headers: [],
})

/** Files that are open at a time; the one that was written longest ago is closed for another. */
const maxOpenFiles = 64

export class FilesTarget implements BatchTarget<FileItem> {
  readonly #config: FilesConfig
  /** In the order of their last use. */
  readonly #files = new Map<string, AppendFile>()

  constructor(config: FilesConfig) {
    this.#config = config
  }

  async open(): Promise<void> {
    const { directory, name } = this.#config
    try {
      await mkdir(directory, { recursive: true })
    } catch (error) {
      const text = `sink ${name}: directory ${directory} cannot be made (${errorMessage(error)}): check path and rights`
      throw new MillraceError('SINK_MISCONFIGURED', 'fatal', text, { cause: error })
    }
  }

  encode(record: SinkRecord): FileItem {
    const { fileOf, documentOf } = this.#config
    const file = fileOf(record)
    if (file === '' || file !== basename(file)) {
      throw new MillraceError(
        'FILE_NAME_INVALID',
        'record',
        `${JSON.stringify(file)} is no file name: leave folders out`,
      )
    }
    const line = Buffer.from(`${encodeDocument(documentOf(record))}\n`)
    return { record: forgotten, file, line, bytes: line.length }
  }

  /** Called with one batch at a time. */
  async write(items: readonly FileItem[]): Promise<WriteResult<FileItem>> {
    const linesByFile = new Map<string, Buffer[]>()
    for (const { file, line } of items) {
      const lines = linesByFile.get(file)
      if (lines) lines.push(line)
      else linesByFile.set(file, [line])
    }
    try {
      for (const [file, lines] of linesByFile) await (await this.#opened(file)).append(Buffer.concat(lines))
    } catch (error) {
      // A full or failing disk may be made good; what was written of the batch is written again.
      await this.close()
      const text = `${errorCode(error) ?? 'error'}: ${errorMessage(error)}`
      throw new MillraceError('SINK_UNAVAILABLE', 'retriable', text, { cause: error })
    }
    return allWritten
  }

  async close(): Promise<void> {
    const files = [...this.#files.values()]
    this.#files.clear()
    await Promise.allSettled(files.map((file) => file.close()))
  }

  async #opened(name: string): Promise<AppendFile> {
    const file = this.#files.get(name) ?? (await AppendFile.open(join(this.#config.directory, name)))
    this.#files.delete(name)
    this.#files.set(name, file)
    const [oldest] = this.#files
    if (this.#files.size > maxOpenFiles && oldest) {
      this.#files.delete(oldest[0])
      await oldest[1].close()
    }
    return file
  }
}
