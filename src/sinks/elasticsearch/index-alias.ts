import type { DocumentRange } from '../sink-version.ts'
import type { SearchServer } from './search-server.ts'

/** What an alias says of one of its indices, as the server writes it. */
export interface AliasMember {
  readonly filter?: Readonly<Record<string, unknown>>
  readonly index_routing?: string
  readonly search_routing?: string
  readonly is_write_index?: boolean
}

/** The indices behind an alias, by name. */
export type AliasMembers = Readonly<Record<string, AliasMember>>

type AliasAction = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** One alias of a search server: who is behind it, and who takes whose place. */
export class IndexAlias {
  readonly #server: SearchServer
  readonly #name: string

  constructor(server: SearchServer, name: string) {
    this.#server = server
    this.#name = name
  }

  /** undefined: there is no alias of this name. */
  async members(): Promise<AliasMembers | undefined> {
    type Answer = Readonly<Record<string, { readonly aliases?: Readonly<Record<string, AliasMember>> }>>
    const answer = await this.#request<Answer>('GET', `/_alias/${encodeURIComponent(this.#name)}`, undefined, [404])
    const members = Object.entries(answer).flatMap(([index, information]) => {
      const member = information?.aliases?.[this.#name]
      return member === undefined ? [] : [[index, member] as const]
    })
    return members.length === 0 ? undefined : Object.fromEntries(members)
  }

  /**
   * Gives the alias a new index to write to, where its write index has a number at its end: the former ones then hold
   * only what is there already.
   */
  async rollOver(members: AliasMembers): Promise<void> {
    const indices = Object.keys(members)
    const writeIndex = indices.find((index) => members[index]?.is_write_index === true)
    const index = writeIndex ?? (indices.length === 1 ? indices[0] : undefined)
    if (index === undefined || !/-\d{6}$/.test(index)) return
    // Without the flag, a rollover would take the old index out of the alias.
    if (writeIndex === undefined) await this.change([this.#set(index, { ...members[index], is_write_index: true })])
    await this.#request('POST', `/${encodeURIComponent(this.#name)}/_rollover`)
  }

  /**
   * In place of what the indices of `before` hold of the range comes `index`, if it exists. An index that the alias has
   * got since stays as it is.
   */
  async replace(index: string, range: DocumentRange, timeField: string, before: AliasMembers): Promise<void> {
    const members = (await this.members()) ?? {}
    const actions = Object.keys(members).flatMap((name) => {
      const known = before[name]
      if (known === undefined) return []
      const filter = withoutRange(known.filter, range, timeField)
      const isWriteIndex = members[name]?.is_write_index ?? Object.keys(members).length === 1
      return [this.#set(name, { ...known, filter, is_write_index: isWriteIndex })]
    })
    if (await this.#exists(index)) actions.push(this.#set(index, { is_write_index: false }))
    await this.change(actions)
  }

  /** The indices of `before` are found as they were then, and `index` no longer. The index to write to stays. */
  async restore(index: string, before: AliasMembers): Promise<void> {
    const members = (await this.members()) ?? {}
    const actions = Object.keys(members).flatMap((name): readonly AliasAction[] => {
      if (name === index) return [{ remove: { index, alias: this.#name } }]
      const [known, now] = [before[name], members[name]?.is_write_index]
      if (known === undefined) return []
      return [this.#set(name, { ...known, ...(now === undefined ? {} : { is_write_index: now }) })]
    })
    await this.change(actions)
  }

  /** All of it at once, as readers see it. */
  async change(actions: readonly AliasAction[]): Promise<void> {
    if (actions.length > 0) await this.#request('POST', '/_aliases', { actions })
  }

  #set(index: string, member: AliasMember): AliasAction {
    return { add: { index, alias: this.#name, ...member } }
  }

  async #exists(index: string): Promise<boolean> {
    const answer = await this.#request<object>('GET', `/${encodeURIComponent(index)}/_settings`, undefined, [404])
    return index in answer
  }

  async #request<Answer>(
    method: string,
    path: string,
    body?: Record<string, unknown>,
    ignore: number[] = [],
  ): Promise<Answer> {
    const parameters = { method, path, ...(body === undefined ? {} : { body }) }
    return this.#server.client.transport.request<Answer>(parameters, { ignore })
  }
}

/** Without a format, so that fields of times and of numbers both take it. */
export function rangeQuery({ fromMs, toMs }: DocumentRange, timeField: string): Readonly<Record<string, unknown>> {
  const bounds = { ...(fromMs === undefined ? {} : { gte: fromMs }), ...(toMs === undefined ? {} : { lt: toMs }) }
  return { range: { [timeField]: bounds } }
}

function withoutRange(
  filter: AliasMember['filter'],
  range: DocumentRange,
  timeField: string,
): Readonly<Record<string, unknown>> {
  return { bool: { must_not: [rangeQuery(range, timeField)], ...(filter === undefined ? {} : { filter: [filter] }) } }
}
