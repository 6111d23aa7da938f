/** Small letters are as capital ones; `#` in a sign is any digit. */
const kinds = new Uint8Array(128)
export const digitKind = 1
const letterFrom = 2
const punctuationFrom = letterFrom + 26
const punctuation = '_-.:/@=%+ "<\\(?!;,&$'
/** Room for all kinds in the low bits of an index. */
const kindBits = 6

kinds.fill(digitKind, 0x30, 0x3a)
for (let letter = 0; letter < 26; letter++) {
  kinds[0x41 + letter] = letterFrom + letter
  kinds[0x61 + letter] = letterFrom + letter
}
for (const [index, code] of Buffer.from(punctuation).entries()) kinds[code] = punctuationFrom + index

/** The kind of a character in the table of a `FirstLook`; 0: it is part of no sign. */
export function kindOf(code: number): number {
  return code < 128 ? (kinds[code] as number) : 0
}

/**
 * Looks for many short signs at once, one table step per character (Aho and Corasick, 1975): the time is linear in the
 * text, whatever it holds and however many signs there are.
 */
export class FirstLook {
  /** The next state by state and kind. */
  readonly next: Uint16Array
  /** By state: whose signs end here, a bit each. */
  readonly owners: Uint32Array

  /** Each sign with the number (0 to 31) of its owner. */
  constructor(signs: readonly (readonly [sign: string, owner: number])[]) {
    const children: Map<number, number>[] = [new Map()]
    const owners: number[] = [0]
    for (const [sign, owner] of signs) {
      let state = 0
      for (const character of sign) {
        const kind = character === '#' ? digitKind : kindOf(character.charCodeAt(0))
        if (kind === 0) throw new RangeError(`no sign may hold ${JSON.stringify(character)}`)
        let child = children[state]?.get(kind)
        if (child === undefined) {
          child = children.push(new Map()) - 1
          owners.push(0)
          children[state]?.set(kind, child)
        }
        state = child
      }
      owners[state] = (owners[state] as number) | (1 << owner)
    }
    this.next = new Uint16Array(children.length << kindBits)
    this.owners = Uint32Array.from(owners)
    this.#link(children)
  }

  /** Breadth first: where a sign breaks off, the longest sign that may have begun inside of it goes on. */
  #link(children: readonly Map<number, number>[]): void {
    const fallbacks = new Uint16Array(children.length)
    const queue = [0]
    for (let index = 0; index < queue.length; index++) {
      const state = queue[index] as number
      const fallback = fallbacks[state] as number
      this.owners[state] = (this.owners[state] as number) | (this.owners[fallback] as number)
      for (let kind = 0; kind < 1 << kindBits; kind++) {
        const child = children[state]?.get(kind)
        const otherwise = state === 0 ? 0 : (this.next[(fallback << kindBits) | kind] as number)
        this.next[(state << kindBits) | kind] = child ?? otherwise
        if (child === undefined) continue
        fallbacks[child] = otherwise
        queue.push(child)
      }
    }
  }
}
