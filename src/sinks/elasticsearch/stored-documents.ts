import type { StoredDocument } from '../sink-version.ts'
import type { SearchServer } from './search-server.ts'

/** Documents of one answer. */
const pageDocuments = 500

interface Page {
  readonly _scroll_id?: string
  readonly hits?: { readonly hits?: readonly { _index: string; _id: string; _source?: unknown }[] }
}

/** All documents of an index, or of the indices that fit a pattern, that a query finds; none where there is no index. */
export async function* storedDocuments(
  { client }: SearchServer,
  indices: string,
  query: Readonly<Record<string, unknown>>,
): AsyncGenerator<StoredDocument> {
  const path = `/${encodeURIComponent(indices)}`
  const querystring = { ignore_unavailable: true, allow_no_indices: true }
  // What was just written is not found before a refresh.
  await client.transport.request({ method: 'POST', path: `${path}/_refresh`, querystring })
  let page = await client.transport.request<Page>({
    method: 'POST',
    path: `${path}/_search`,
    querystring: { ...querystring, scroll: '1m' },
    body: { size: pageDocuments, sort: ['_doc'], query },
  })
  try {
    for (let hits = page.hits?.hits ?? []; hits.length > 0; hits = page.hits?.hits ?? []) {
      for (const { _index, _id, _source } of hits) yield { place: `${_index}/${_id}`, text: JSON.stringify(_source) }
      const body = { scroll: '1m', scroll_id: page._scroll_id }
      page = await client.transport.request<Page>({ method: 'POST', path: '/_search/scroll', body })
    }
  } finally {
    const body = { scroll_id: page._scroll_id }
    await client.transport.request({ method: 'DELETE', path: '/_search/scroll', body }, { ignore: [404] })
  }
}
