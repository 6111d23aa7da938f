import { MillraceError } from '../../core/errors.ts'
import { encodeDocument } from '../document.ts'
import { documentId } from '../document-id.ts'
import type { ItemFormat } from '../item-batch.ts'
import type { LineBuffer } from '../line-buffer.ts'
import type { SinkRecord } from '../port.ts'
import type { ElasticsearchConfig } from './options.ts'

const maxIdBytes = 512

/** A document of a bulk request: the action line and the line of the document. */
export class BulkFormat implements ItemFormat {
  readonly #config: ElasticsearchConfig
  #index = ''
  #action = ''

  constructor(config: ElasticsearchConfig) {
    this.#config = config
  }

  write(record: SinkRecord, lines: LineBuffer): void {
    const { indexOf, documentOf } = this.#config
    const document = encodeDocument(documentOf(record))
    lines.addLine(`${this.#actionFor(indexOf(record))}${this.#idOf(record)}}}\n`, document, '')
  }

  documentIn(item: Buffer): Buffer {
    return item.subarray(item.indexOf('\n') + 1, -1)
  }

  /** The action line up to the id; consecutive records mostly go to one index. */
  #actionFor(index: string): string {
    if (index === this.#index) return this.#action
    this.#action = `{"${this.#config.operation}":{"_index":${JSON.stringify(index)},"_id":`
    this.#index = index
    return this.#action
  }

  #idOf(record: SinkRecord): string {
    const { idOf } = this.#config
    if (idOf) return JSON.stringify(checkedId(idOf(record)))
    return `"${documentId(record)}"`
  }
}

/** One id that is too long makes the server refuse the whole request. */
function checkedId(id: string): string {
  if (id !== '' && Buffer.byteLength(id) <= maxIdBytes) return id
  throw new MillraceError(
    'DOCUMENT_ID_INVALID',
    'record',
    `a document id of ${id.length} characters: give 1 to ${maxIdBytes} bytes`,
  )
}
