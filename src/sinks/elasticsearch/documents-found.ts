import type { SearchServer } from './search-server.ts'

interface MultiGetResponse {
  readonly docs?: readonly { readonly found?: boolean }[]
}

/** Which of these documents the server has, in their order; undefined when it does not say. */
export async function documentsFound(
  server: SearchServer,
  docs: readonly { readonly _index: string; readonly _id: string }[],
  signal: AbortSignal,
): Promise<readonly boolean[] | undefined> {
  try {
    const answer = await server.client.transport.request<MultiGetResponse>(
      { method: 'POST', path: '/_mget', body: { docs }, querystring: { _source: false, filter_path: 'docs.found' } },
      { signal, maxRetries: 0 },
    )
    // A document that could not be looked for has an error and no `found`.
    const found = answer.docs?.map((document) => document.found)
    return found?.length === docs.length && found.every((one) => typeof one === 'boolean') ? found : undefined
  } catch {
    return undefined
  }
}
