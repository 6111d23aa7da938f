import { type ListedField, listedFields, listedValue, type TailFilter } from './tail-filter.ts'
import type { TailLine } from './tail-line.ts'

/** Those who want the same lines. */
interface Audience<Member> {
  readonly filter: TailFilter
  readonly members: Set<Member>
}

/**
 * Finds who wants a line, without asking everybody: equal filters are asked once, and a filter that lists values of a
 * field is asked only about lines that have one of them.
 */
export class FilterIndex<Member> {
  readonly #audiences = new Map<string, Audience<Member>>()
  readonly #byValue = new Map<ListedField, Map<string, Set<Audience<Member>>>>()
  /** Those that any line may concern. */
  readonly #others = new Set<Audience<Member>>()

  add(filter: TailFilter, member: Member): void {
    const known = this.#audiences.get(filter.text)
    if (known !== undefined) {
      known.members.add(member)
      return
    }
    const audience = { filter, members: new Set([member]) }
    this.#audiences.set(filter.text, audience)
    const { lookup } = filter
    if (lookup === undefined) {
      this.#others.add(audience)
      return
    }
    const byValue = this.#byValue.get(lookup.field) ?? new Map<string, Set<Audience<Member>>>()
    this.#byValue.set(lookup.field, byValue)
    for (const value of lookup.values) {
      const listed = byValue.get(value) ?? new Set<Audience<Member>>()
      byValue.set(value, listed.add(audience))
    }
  }

  remove({ text, lookup }: TailFilter, member: Member): void {
    const audience = this.#audiences.get(text)
    if (audience === undefined || !audience.members.delete(member) || audience.members.size > 0) return
    this.#audiences.delete(text)
    this.#others.delete(audience)
    if (lookup === undefined) return
    const byValue = this.#byValue.get(lookup.field)
    for (const value of lookup.values) {
      const listed = byValue?.get(value)
      listed?.delete(audience)
      if (listed?.size === 0) byValue?.delete(value)
    }
    if (byValue?.size === 0) this.#byValue.delete(lookup.field)
  }

  /** Calls `give` for each member that wants the line. */
  find(line: TailLine, give: (member: Member) => void): void {
    for (const field of listedFields) {
      const byValue = this.#byValue.get(field)
      const value = byValue && listedValue(line, field)
      if (value === undefined) continue
      ask(byValue?.get(value), line, give)
    }
    ask(this.#others, line, give)
  }
}

function ask<Member>(
  audiences: ReadonlySet<Audience<Member>> | undefined,
  line: TailLine,
  give: (member: Member) => void,
): void {
  if (audiences === undefined) return
  for (const { filter, members } of audiences) {
    if (!filter.matches(line)) continue
    for (const member of members) give(member)
  }
}
