import { MillraceError } from '../../core/errors.ts'
import { encodeDocument } from '../document.ts'
import { documentId } from '../document-id.ts'
import type { ItemFormat } from '../item-batch.ts'
import type { LineBuffer } from '../line-buffer.ts'
import type { SinkRecord } from '../port.ts'
import { checkedIndex } from './index-names.ts'
import type { ElasticsearchConfig } from './elasticsearch-options.ts'

const maxIdBytes = 512

/** A document of a bulk request: the action line and the line of the document. */
export class BulkFormat implements ItemFormat {
  readonly #config: ElasticsearchConfig
  readonly #noteIndex: (index: string) => void
  #index = ''
  #action = ''

  /** `noteIndex` hears of each index whose name is not that of the document before. */
  constructor(config: ElasticsearchConfig, noteIndex: (index: string) => void) {
    this.#config = config
    this.#noteIndex = noteIndex
  }

  write(record: SinkRecord, lines: LineBuffer): void {
    const { indexOf, documentOf } = this.#config
    const document = encodeDocument(documentOf(record))
    lines.addLine(`${this.#actionFor(indexOf(record))}${this.#idOf(record)}}}\n`, document, '')
  }

  documentIn(item: Buffer): Buffer {
    return item.subarray(item.indexOf('\n') + 1, -1)
  }

  /** The index and the id of a document, in what `write` made of it. */
  placeIn(item: Buffer): { readonly _index: string; readonly _id: string } {
    const action = JSON.parse(item.toString('utf8', 0, item.indexOf('\n'))) as Record<string, never>
    return action[this.#config.operation] as never
  }

  /** The action line up to the id; consecutive records mostly go to one index. */
  #actionFor(index: string): string {
    if (index === this.#index) return this.#action
    this.#action = `{"${this.#config.operation}":{"_index":${JSON.stringify(checkedIndex(index))},"_id":`
    this.#index = index
    this.#noteIndex(index)
    return this.#action
  }

  #idOf(record: SinkRecord): string {
    const { idOf } = this.#config
    if (idOf) return JSON.stringify(checkedId(idOf(record)))
    return `"${documentId(record)}"`
  }
}

/** One id that is too long makes the server refuse the whole request. */
function checkedId(id: unknown): string {
  if (typeof id === 'string' && id !== '' && Buffer.byteLength(id) <= maxIdBytes) return id
  const shown = typeof id === 'string' ? `of ${id.length} characters` : `that is ${id === null ? 'null' : typeof id}`
  throw new MillraceError(
    'DOCUMENT_ID_INVALID',
    'record',
    `a document id ${shown}: give a text of 1 to ${maxIdBytes} bytes`,
  )
}
