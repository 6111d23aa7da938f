import { FilterIndex } from './filter-index.ts'
import { LineView, type Sight, viewText } from './line-view.ts'
import type { TailFilter } from './tail-filter.ts'
import type { TailLine } from './tail-line.ts'

/** Members with the same sight. */
interface Audience<Member> {
  readonly view: LineView
  readonly index: FilterIndex<Member>
  members: number
}

/** Members by what they may see: a line is masked once for all of them, and their filters see what they may see. */
export class Audiences<Member> {
  readonly #mask: (line: TailLine) => TailLine
  readonly #audiences = new Map<string, Audience<Member>>()

  constructor(mask: (line: TailLine) => TailLine) {
    this.#mask = mask
  }

  /** One comes; the view is to be given back to `leave`. */
  enter(sight: Sight): LineView {
    const text = viewText(sight)
    const known = this.#audiences.get(text)
    if (known !== undefined) {
      known.members++
      return known.view
    }
    const view = new LineView(sight, this.#mask)
    this.#audiences.set(text, { view, index: new FilterIndex(), members: 1 })
    return view
  }

  /** One goes; it gets no lines any more. */
  leave({ text }: LineView, filter: TailFilter, member: Member): void {
    const audience = this.#audiences.get(text)
    if (audience === undefined) return
    audience.index.remove(filter, member)
    if (--audience.members === 0) this.#audiences.delete(text)
  }

  /** From now on it gets lines. */
  follow({ text }: LineView, filter: TailFilter, member: Member): void {
    this.#audiences.get(text)?.index.add(filter, member)
  }

  /** Calls `give` for each member that wants the line, with the line as the member may see it. */
  find(line: TailLine, give: (member: Member, seen: TailLine) => void): void {
    for (const { view, index } of this.#audiences.values()) {
      const seen = view.see(line)
      if (seen === undefined) continue
      view.linesSeen++
      index.find(seen, (member) => give(member, seen))
    }
  }
}
