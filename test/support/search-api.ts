import { setTimeout as sleep } from 'node:timers/promises'

/** The few requests by which tests read what a sink wrote, without the sink's own client. */
export class SearchApi {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  async request(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    return { status: response.status, body: await response.json() }
  }

  /** Ids and sources of all documents, up to 10,000, after a refresh. */
  async documents(index: string): Promise<{ id: string; index: string; source: Record<string, unknown> }[]> {
    await this.request('POST', `/${index}/_refresh?ignore_unavailable=true`)
    const path = `/${index}/_search?ignore_unavailable=true&allow_no_indices=true`
    const body = await this.#answered('POST', path, { size: 10_000 })
    const { hits } = body as { hits: { hits: { _id: string; _index: string; _source: Record<string, unknown> }[] } }
    return hits.hits.map(({ _id, _index, _source }) => ({ id: _id, index: _index, source: _source }))
  }

  async count(index: string): Promise<number> {
    await this.request('POST', `/${index}/_refresh?ignore_unavailable=true`)
    const body = await this.#answered('GET', `/${index}/_count?ignore_unavailable=true&allow_no_indices=true`)
    return (body as { count: number }).count
  }

  /** An index that was just made answers 503 until its shards have started: it is asked again for ten seconds. */
  async #answered(method: string, path: string, body?: unknown): Promise<unknown> {
    for (let tries = 1; ; tries++) {
      const answer = await this.request(method, path, body)
      if (answer.status === 200) return answer.body
      if (answer.status !== 503 || tries === 50)
        throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
      await sleep(200)
    }
  }
}
