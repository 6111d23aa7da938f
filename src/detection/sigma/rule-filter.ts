import type { SigmaEvent } from './sigma-event.ts'
import type { CompiledRule } from './sigma-rule.ts'

/** So many characters of a text make a gram. */
const gramLength = 3
const bitsLog = 16

/**
 * Finds the few rules that an event may fire, in one pass over its texts: each text that a rule needs is looked for by its
 * rarest three characters, and compared where these are. What it leaves out cannot fire; rules without such a text always
 * may.
 */
export class RuleFilter {
  readonly #rules: readonly CompiledRule[]
  /** Places of the rules that always may fire, in their order. */
  readonly #always: readonly number[]
  /** By gram: the texts that it is of. */
  readonly #byGram = new Map<number, Needed[]>()
  /** A bit by hash of each of these grams. */
  readonly #bits = new Int32Array(2 ** bitsLog / 32)
  /** By place: the event for which it was noted last. */
  readonly #notedFor: Int32Array
  #event = 0

  constructor(rules: readonly CompiledRule[]) {
    this.#rules = rules
    this.#notedFor = new Int32Array(rules.length)
    const needed = rules.map(({ test }) => usableNeeds(test.needs))
    const counts = gramCounts(needed.flatMap((needs) => needs ?? []))
    const always: number[] = []
    for (const [place, needs] of needed.entries()) {
      if (needs === undefined) always.push(place)
      else for (const text of needs) this.#note(text, rarestGram(text, counts), place)
    }
    this.#always = always
  }

  /** How many rules there are. */
  get size(): number {
    return this.#rules.length
  }

  /** Rules that the event may fire, in their order. */
  candidates(event: SigmaEvent): readonly CompiledRule[] {
    return this.candidatesIn(event.allLowered())
  }

  /** The same for an event whose texts, in lower case, are these or parts of them. */
  candidatesIn(texts: readonly string[]): readonly CompiledRule[] {
    const places = [...this.#always]
    // Numbers of events are below 2 ** 31: then they begin again.
    this.#event = (this.#event + 1) | 0
    if (this.#event <= 0) {
      this.#event = 1
      this.#notedFor.fill(0)
    }
    for (const text of texts) this.#look(text, places)
    if (places.length > this.#always.length) places.sort((left, right) => left - right)
    return places.map((place) => this.#rules[place] as CompiledRule)
  }

  #look(text: string, places: number[]): void {
    let gram = 0
    for (let at = 0; at < text.length; at++) {
      gram = ((gram << 8) | (text.charCodeAt(at) & 0xff)) & 0xffffff
      const bit = bitOf(gram)
      if (((this.#bits[bit >> 5] as number) & (1 << (bit & 31))) === 0 || at < gramLength - 1) continue
      for (const { text: needed, end, place } of this.#byGram.get(gram) ?? []) {
        if (this.#notedFor[place] === this.#event || !text.startsWith(needed, at - end)) continue
        this.#notedFor[place] = this.#event
        places.push(place)
      }
    }
  }

  #note(text: string, index: number, place: number): void {
    const gram = gramsOf(text)[index] as number
    const bit = bitOf(gram)
    this.#bits[bit >> 5] = (this.#bits[bit >> 5] as number) | (1 << (bit & 31))
    const needed = { text, end: index + gramLength - 1, place }
    const known = this.#byGram.get(gram)
    if (known === undefined) this.#byGram.set(gram, [needed])
    else known.push(needed)
  }
}

/** A text, where its gram ends, and the rule that may fire where it is. */
interface Needed {
  readonly text: string
  readonly end: number
  readonly place: number
}

/** Undefined where one of the texts is too short to be looked for. */
function usableNeeds(needs: readonly string[] | undefined): readonly string[] | undefined {
  return needs?.every((text) => text.length >= gramLength) === true ? needs : undefined
}

function bitOf(gram: number): number {
  return Math.imul(gram, 0x9e3779b1) >>> (32 - bitsLog)
}

/** All grams of a text: the low byte of each of three characters. */
function gramsOf(text: string): readonly number[] {
  const grams: number[] = []
  let gram = 0
  for (let at = 0; at < text.length; at++) {
    gram = ((gram << 8) | (text.charCodeAt(at) & 0xff)) & 0xffffff
    if (at >= gramLength - 1) grams.push(gram)
  }
  return grams
}

function gramCounts(texts: readonly string[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>()
  for (const text of texts) for (const gram of gramsOf(text)) counts.set(gram, (counts.get(gram) ?? 0) + 1)
  return counts
}

/** The index of the gram that the fewest texts have. */
function rarestGram(text: string, counts: ReadonlyMap<number, number>): number {
  const grams = gramsOf(text)
  const countAt = (index: number): number => counts.get(grams[index] ?? 0) ?? 0
  return grams.reduce((rarest, _, index) => (countAt(index) < countAt(rarest) ? index : rarest), 0)
}
