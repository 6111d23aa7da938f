import { basename } from 'node:path'
import { MillraceError } from '../../core/errors.ts'
import type { SinkBatch } from '../batch-target.ts'
import type { BufferPool } from '../buffer-pool.ts'
import { encodeDocument } from '../document.ts'
import { LineBuffer } from '../line-buffer.ts'
import type { SinkRecord } from '../port.ts'
import type { FilesConfig } from './files-options.ts'

/** Lines by file. A file refuses no line, so nothing else of the records is kept. */
export class FilesBatch implements SinkBatch {
  readonly #config: FilesConfig
  readonly #pool: BufferPool
  readonly #linesByFile = new Map<string, LineBuffer>()
  /** Consecutive records mostly go to one file. */
  #file = ''
  #lines: LineBuffer | undefined
  #records = 0
  #bytes = 0

  constructor(config: FilesConfig, pool: BufferPool) {
    this.#config = config
    this.#pool = pool
  }

  get records(): number {
    return this.#records
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The lines for each file, in the order in which the files were first named. */
  get linesByFile(): ReadonlyMap<string, LineBuffer> {
    return this.#linesByFile
  }

  /** There is always room: `maxBytes` only says when a write is worth its while. */
  add(record: SinkRecord): boolean {
    const { documentOf, fileOf, prefixOf, suffix } = this.#config
    const document = encodeDocument(documentOf(record))
    const prefix = prefixOf(record)
    if (typeof prefix !== 'string' || prefix.includes('\n')) throw invalidPrefix(prefix)
    const lines = this.#linesOf(fileOf(record))
    const before = lines.length
    lines.addLine(prefix, document, suffix)
    this.#bytes += lines.length - before
    this.#records++
    return true
  }

  release(): void {
    for (const lines of this.#linesByFile.values()) lines.release()
  }

  #linesOf(file: string): LineBuffer {
    if (this.#lines !== undefined && file === this.#file) return this.#lines
    const lines = this.#linesByFile.get(file) ?? this.#newLines(file)
    this.#file = file
    this.#lines = lines
    return lines
  }

  #newLines(file: string): LineBuffer {
    checkName(file)
    const lines = new LineBuffer(this.#pool)
    this.#linesByFile.set(file, lines)
    return lines
  }
}

const longestNameBytes = 255

function checkName(file: unknown): void {
  const isName =
    typeof file === 'string' &&
    file !== '' &&
    file === basename(file) &&
    file !== '.' &&
    file !== '..' &&
    !file.includes('\0') &&
    Buffer.byteLength(file) <= longestNameBytes
  if (isName) return
  const shown = typeof file === 'string' ? JSON.stringify(file.slice(0, longestNameBytes)) : `a ${typeof file}`
  const text = `${shown} is not a file name: give 1 to ${longestNameBytes} bytes, without folders`
  throw new MillraceError('FILE_NAME_INVALID', 'record', text)
}

function invalidPrefix(prefix: unknown): MillraceError {
  const shown = typeof prefix === 'string' ? 'a text with a line break' : `a ${typeof prefix}`
  return new MillraceError('DOCUMENT_INVALID', 'record', `the prefix of a line is ${shown}: give a text without one`)
}
