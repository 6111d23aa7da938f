import { MillraceError } from '../../core/errors.ts'
import type { ElasticsearchConfig } from './elasticsearch-options.ts'
import type { SearchServer } from './search-server.ts'
import { statusOf } from './server-errors.ts'

interface IndexInformation {
  readonly aliases?: Readonly<Record<string, { readonly is_write_index?: boolean }>>
  readonly data_stream?: string
  readonly settings?: { readonly index?: { readonly lifecycle?: { readonly rollover_alias?: string } } }
}

/** Names that are remembered as looked at. */
const knownMax = 10_000
/** Names that wait to be looked at; where documents make more of them, they are no aliases that somebody set up. */
const unknownMax = 50

/**
 * An id is unique in one index. Behind an alias that is rolled over, and in a data stream, a document that is delivered
 * again may go to the next index, where nobody knows it: such names are refused before anything is written to them.
 */
export class RolloverCheck {
  readonly #config: ElasticsearchConfig
  readonly #known = new Set<string>()
  readonly #unknown = new Set<string>()

  constructor(config: ElasticsearchConfig) {
    this.#config = config
  }

  /** Documents go to this name. */
  note(index: string): void {
    if (this.#config.acceptsRollover || this.#known.has(index) || this.#unknown.size >= unknownMax) return
    this.#unknown.add(index)
  }

  /** Looks at the names that are new. Throws SINK_MISCONFIGURED (fatal) when one is of that kind. */
  async run(server: SearchServer, signal: AbortSignal): Promise<void> {
    for (const index of this.#unknown) {
      if (!(await this.#isFixed(server, index, signal))) continue
      if (this.#known.size >= knownMax) this.#known.clear()
      this.#known.add(index)
      this.#unknown.delete(index)
    }
  }

  /** False while the index does not exist yet: it is checked again before the next write. */
  async #isFixed(server: SearchServer, index: string, signal: AbortSignal): Promise<boolean> {
    let found: Readonly<Record<string, IndexInformation>>
    try {
      found = await server.client.transport.request(
        { method: 'GET', path: `/${encodeURIComponent(index)}` },
        { signal, maxRetries: 0 },
      )
    } catch (error) {
      // Whoever may not look may write all the same.
      const status = statusOf(error) ?? 0
      return status >= 400 && status < 500 && status !== 404 && status !== 429
    }
    const entries = Object.entries(found ?? {})
    const [first] = entries
    if (first === undefined || index in found) return true
    const [name, information] = first
    if (entries.length === 1 && !isRolledOver(index, name, information)) return true
    throw this.#refusal(
      index,
      information?.data_stream === undefined ? 'an alias with rollover' : 'a data stream',
      name,
    )
  }

  #refusal(index: string, kind: string, name: string): MillraceError {
    const text =
      `sink ${this.#config.name}: ${index} is ${kind} (${name}), in which a document that is delivered again after a rollover would exist twice: ` +
      `give an index by day such as ${index}-YYYY.MM.DD, or set acceptsRollover if duplicates do no harm`
    return new MillraceError('SINK_MISCONFIGURED', 'fatal', text)
  }
}

function isRolledOver(alias: string, name: string, information: IndexInformation | undefined): boolean {
  if (information?.data_stream !== undefined || /-\d{6}$/.test(name)) return true
  if (information?.aliases?.[alias]?.is_write_index !== undefined) return true
  return information?.settings?.index?.lifecycle?.rollover_alias !== undefined
}
