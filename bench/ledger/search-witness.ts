/** A document as the search API returns it. */
export interface FoundDocument {
  readonly _id: string
  readonly _source?: Readonly<Record<string, unknown>>
}

const pageSize = 10_000

/**
 * Every document below an index pattern, by the search API's scroll; `fields` of the source are read, none by default. One
 * index after another: a server keeps few scrolls open, and answers for a part of the shards without a word in the
 * documents.
 */
export async function readDocuments(
  url: string,
  indexPattern: string,
  onDocument: (document: FoundDocument) => void,
  fields: readonly string[] = [],
): Promise<number> {
  await call(url, 'POST', `/${indexPattern}/_refresh`)
  let count = 0
  for (const index of await indicesOf(url, indexPattern)) count += await readIndex(url, index, onDocument, fields)
  return count
}

async function indicesOf(url: string, indexPattern: string): Promise<readonly string[]> {
  const indices = await call<readonly { readonly index: string }[]>(
    url,
    'GET',
    `/_cat/indices/${indexPattern}?format=json&h=index`,
  )
  return indices.map(({ index }) => index).sort()
}

async function readIndex(
  url: string,
  index: string,
  onDocument: (document: FoundDocument) => void,
  fields: readonly string[],
): Promise<number> {
  const page = (path: string, body: object): Promise<SearchPage> => call<SearchPage>(url, 'POST', path, body)
  const source = fields.length === 0 ? false : fields
  let found = await page(`/${index}/_search?scroll=2m`, { size: pageSize, sort: ['_doc'], _source: source })
  let count = 0
  for (;;) {
    checkWhole(found, index)
    if (found.hits.hits.length === 0) break
    for (const document of found.hits.hits) onDocument(document)
    count += found.hits.hits.length
    found = await page('/_search/scroll', { scroll: '2m', scroll_id: found._scroll_id })
  }
  await call(url, 'DELETE', '/_search/scroll', { scroll_id: found._scroll_id })
  return count
}

/** Throws where some shards did not answer: the answer looks complete and is none. */
export function checkWhole({ _shards }: Pick<SearchPage, '_shards'>, index: string): void {
  if (_shards.failed === 0) return
  const reason = JSON.stringify(_shards.failures?.[0]?.reason ?? 'no reason')
  throw new Error(`${_shards.failed} of ${_shards.total} shards of ${index} did not answer: ${reason}`)
}

interface SearchPage {
  readonly _scroll_id: string
  readonly _shards: {
    readonly total: number
    readonly failed: number
    readonly failures?: readonly { readonly reason: unknown }[]
  }
  readonly hits: { readonly hits: readonly FoundDocument[] }
}

async function call<Answer>(url: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(120_000),
  })
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as Answer
}
