/** A document as the search API returns it. */
export interface FoundDocument {
  readonly _id: string
  readonly _source?: Readonly<Record<string, unknown>>
}

const pageSize = 10_000

/** Every document below an index pattern, by the search API's scroll; `fields` of the source are read, none by default. */
export async function readDocuments(
  url: string,
  indexPattern: string,
  onDocument: (document: FoundDocument) => void,
  fields: readonly string[] = [],
): Promise<number> {
  await call(url, 'POST', `/${indexPattern}/_refresh`)
  let page = await call(url, 'POST', `/${indexPattern}/_search?scroll=2m`, {
    size: pageSize,
    sort: ['_doc'],
    _source: fields.length === 0 ? false : fields,
  })
  let count = 0
  while (page.hits.hits.length > 0) {
    for (const document of page.hits.hits) onDocument(document)
    count += page.hits.hits.length
    page = await call(url, 'POST', '/_search/scroll', { scroll: '2m', scroll_id: page._scroll_id })
  }
  await call(url, 'DELETE', '/_search/scroll', { scroll_id: page._scroll_id })
  return count
}

interface SearchPage {
  readonly _scroll_id: string
  readonly hits: { readonly hits: readonly FoundDocument[] }
}

async function call(url: string, method: string, path: string, body?: unknown): Promise<SearchPage> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(120_000),
  })
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as SearchPage
}
