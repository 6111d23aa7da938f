/** What the server said about one document of a bulk request. */
export interface BulkItemResult {
  readonly status: number
  readonly error?: { readonly type?: string; readonly reason?: string }
}

/**
 * - `written`, `duplicate`: done; a duplicate was there already under the id that only this record has
 * - `retry`: the server is overloaded, or a person has to change it; a dead letter would be wrong, as all may follow
 * - the others: this document is refused for good
 */
export type ItemVerdict = 'written' | 'duplicate' | 'retry' | ItemRefusal

export type ItemRefusal = 'DOCUMENT_REFUSED' | 'VERSION_CONFLICT' | 'INDEX_READ_ONLY' | 'DOCUMENT_TOO_LARGE'

const duplicates = { create: 'duplicate', index: 'VERSION_CONFLICT' } as const

/** Statuses first: the servers agree on them, while the names of errors differ between products and versions. */
export function judgeItem({ status, error }: BulkItemResult, operation: 'create' | 'index'): ItemVerdict {
  if (status >= 200 && status < 300) return 'written'
  if (status >= 500 || status === 429 || status === 408 || status === 401) return 'retry'
  if (status === 409) return duplicates[operation]
  if (status === 413) return 'DOCUMENT_TOO_LARGE'
  if (status === 403) return error?.type === 'cluster_block_exception' ? 'INDEX_READ_ONLY' : 'retry'
  return waitsForAPerson(status, error) ? 'retry' : 'DOCUMENT_REFUSED'
}

/** No fault of the document: it will pass when somebody made room, opened the index or created it. */
function waitsForAPerson(status: number, error: BulkItemResult['error']): boolean {
  if (status === 404) return true
  if (error?.type === 'index_closed_exception') return true
  return /maximum (normal )?shards open/.test(error?.reason ?? '')
}

/** Text for a dead letter or the log, bounded. */
export function reasonOf({ status, error }: BulkItemResult): string {
  return `${status} ${error?.type ?? ''}: ${error?.reason ?? ''}`.slice(0, 1000)
}
