/** The answer of the server about one document of a bulk request. */
export interface BulkItemResult {
  readonly status: number
  readonly error?: { readonly type?: string; readonly reason?: string } | undefined
}

/**
 * - `written`, `duplicate`: done; a duplicate was there already under the id that only this record has
 * - `retry`: the server is overloaded; the document may wait for as long as that takes
 * - `doubtful`: it may pass later, when a person has acted, or never: it is tried a number of times while others pass
 * - the others: this document is refused for good
 */
export type ItemVerdict = 'written' | 'duplicate' | 'retry' | 'doubtful' | ItemRefusal

export type ItemRefusal = 'DOCUMENT_REFUSED' | 'VERSION_CONFLICT' | 'INDEX_READ_ONLY' | 'DOCUMENT_TOO_LARGE'

const duplicates = { create: 'duplicate', index: 'VERSION_CONFLICT' } as const
const overloads: ReadonlySet<number> = new Set([408, 429, 502, 503, 504])

/** Whatever is sent, it is to come again later. */
export function isOverload(status: number): boolean {
  return overloads.has(status)
}

/** Statuses first: the servers agree on them, while the names of errors differ between products and versions. */
export function judgeItem({ status, error }: BulkItemResult, operation: 'create' | 'index'): ItemVerdict {
  if (status >= 200 && status < 300) return 'written'
  if (isOverload(status)) return 'retry'
  if (status === 409) return duplicates[operation]
  if (status === 413) return 'DOCUMENT_TOO_LARGE'
  if (status === 403 && error?.type === 'cluster_block_exception')
    return isFullDisk(error) ? 'retry' : 'INDEX_READ_ONLY'
  return status >= 400 && status < 500 && !needsPerson({ status, error }) ? 'DOCUMENT_REFUSED' : 'doubtful'
}

/** No fault of the document: it will pass when somebody gave rights, made room, opened the index or created it. */
export function needsPerson({ status, error }: BulkItemResult): boolean {
  if (status === 401 || status === 403 || status === 404) return true
  if (error?.type === 'index_closed_exception') return true
  return /maximum (normal )?shards open/.test(error?.reason ?? '')
}

/** The block that servers set, and take away again, by the room on their disks. */
function isFullDisk(error: NonNullable<BulkItemResult['error']>): boolean {
  return /\/12\/|disk usage exceeded/.test(error.reason ?? '')
}

/** Text for a dead letter or the log, bounded. */
export function reasonOf({ status, error }: BulkItemResult): string {
  return `${status} ${error?.type ?? ''}: ${error?.reason ?? ''}`.slice(0, 1000)
}
