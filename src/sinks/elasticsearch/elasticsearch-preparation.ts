import { randomUUID } from 'node:crypto'
import { errorMessage } from '../../core/errors.ts'
import type { SinkFinding, SinkPart, SinkPreparation } from '../sink-preparation.ts'
import type { ElasticsearchConfig, IndexSetup } from './elasticsearch-options.ts'
import { compareWithStored, indexParts } from './index-parts.ts'
import { installIndexSetup, storedVersion } from './index-setup.ts'
import type { SearchServer } from './search-server.ts'
import { describeNodes, serverMessage } from './server-errors.ts'
import { withSearchServer } from './with-search-server.ts'

/** Templates, lifecycle policy and a test document of one sink. */
export class ElasticsearchPreparation implements SinkPreparation {
  readonly #config: ElasticsearchConfig

  constructor(config: ElasticsearchConfig) {
    this.#config = config
  }

  parts(signal: AbortSignal): Promise<readonly SinkPart[]> {
    return withSearchServer(this.#config, signal, (server) => this.#parts(server, signal))
  }

  install(signal: AbortSignal): Promise<void> {
    return withSearchServer(this.#config, signal, async (server) => {
      for (const setup of this.#config.setups) await installIndexSetup(server, this.#config, setup, signal)
    })
  }

  async examine(signal: AbortSignal): Promise<readonly SinkFinding[]> {
    try {
      return await withSearchServer(this.#config, signal, (server) => this.#examine(server, signal))
    } catch (error) {
      return [{ check: 'connection', result: 'fails', text: errorMessage(error) }]
    }
  }

  async #parts(server: SearchServer, signal: AbortSignal): Promise<readonly SinkPart[]> {
    const parts: SinkPart[] = []
    for (const setup of this.#config.setups) parts.push(...(await this.#partsOf(server, setup, signal)))
    return parts
  }

  async #partsOf(server: SearchServer, setup: IndexSetup, signal: AbortSignal): Promise<readonly SinkPart[]> {
    const isNewer = (await storedVersion(server, setup.templateName, signal)) > setup.version
    const parts: SinkPart[] = []
    if (setup.lifecycle !== undefined && server.isOpenSearch)
      parts.push({
        kind: 'lifecycle policy',
        name: setup.templateName,
        state: 'unsupported',
        details: [
          `OpenSearch has no index lifecycle management: let a policy of its index state management (PUT _plugins/_ism/policies/${setup.templateName}) age and delete the indices ${setup.patterns.join(', ')}, or they stay forever`,
        ],
      })
    for (const part of indexParts(setup, !server.isOpenSearch)) {
      const answer = await server.client.transport.request(
        { method: 'GET', path: part.path },
        { ignore: [404], signal },
      )
      const compared = compareWithStored(part, part.storedIn(answer))
      parts.push(isNewer ? { ...compared, state: 'newer' } : compared)
    }
    return parts
  }

  async #examine(server: SearchServer, signal: AbortSignal): Promise<readonly SinkFinding[]> {
    const kind = server.isOpenSearch ? 'OpenSearch' : 'Elasticsearch'
    const connection: SinkFinding = {
      check: 'connection',
      result: 'ok',
      text: `${kind} at ${describeNodes(this.#config)} answers`,
    }
    const parts = (await this.#parts(server, signal)).map(
      ({ kind: check, name, state, details }): SinkFinding => ({
        check: `${check} ${name}`,
        result: resultOf(state),
        text: [state, ...details].join('; '),
      }),
    )
    const findings = [connection, ...parts]
    for (const setup of this.#config.setups) findings.push(await this.#tryDocument(server, setup, signal))
    return findings
  }

  /** Into an index of its own that the templates match; the index is deleted afterwards. */
  async #tryDocument(server: SearchServer, { patterns }: IndexSetup, signal: AbortSignal): Promise<SinkFinding> {
    const index = testIndex(patterns[0] ?? '*')
    const request = (method: string, path: string, body?: Record<string, unknown>) =>
      server.client.transport.request({ method, path, ...(body === undefined ? {} : { body }) }, { signal })
    const check = 'test document'
    try {
      try {
        await request('PUT', `/${index}/_create/1`, { '@timestamp': new Date().toISOString(), message: 'a test' })
        const settings = settingsOf(await request('GET', `/${index}/_settings`), index)
        const shards = `${String(settings.number_of_shards)} shards, ${String(settings.number_of_replicas)} replicas`
        return { check, result: 'ok', text: `written to index ${index} with ${shards}, which is deleted again` }
      } finally {
        await request('DELETE', `/${index}`).catch(() => {})
      }
    } catch (error) {
      return { check, result: 'fails', text: `index ${index} does not take it: ${serverMessage(error)}` }
    }
  }
}

function resultOf(state: SinkPart['state']): SinkFinding['result'] {
  if (state === 'unsupported') return 'left to you'
  return state === 'missing' || state === 'different' ? 'fails' : 'ok'
}

function testIndex(pattern: string): string {
  return pattern.replace('*', `millrace-doctor-${randomUUID()}`).replaceAll('*', '')
}

function settingsOf(answer: unknown, index: string): Readonly<Record<string, unknown>> {
  type Answer = Readonly<Record<string, { readonly settings?: { readonly index?: Readonly<Record<string, unknown>> } }>>
  return (answer as Answer)[index]?.settings?.index ?? {}
}
