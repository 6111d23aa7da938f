/** Small letters are as capital ones; `#` in a sign is any digit. */
const kinds = new Uint8Array(65_536)
const digitKind = 1
const letterFrom = 2
const punctuationFrom = letterFrom + 26
/** No quotes: a sign in a text of JSON lies within one of its strings. */
const punctuation = '_-.:/@=%+ <\\(?!;,&$'
/** Room for all kinds in the low bits. */
const kindBits = 6

/** The last three characters, as kinds. */
const windowMask = (1 << (3 * kindBits)) - 1
/** Windows of 32 bits each. */
const wordBits = 5

kinds.fill(digitKind, 0x30, 0x3a)
for (let letter = 0; letter < 26; letter++) {
  kinds[0x41 + letter] = letterFrom + letter
  kinds[0x61 + letter] = letterFrom + letter
}
for (const [index, code] of Buffer.from(punctuation).entries()) kinds[code] = punctuationFrom + index

/** A sign may hold it: letters, digits (`#`), and some marks. */
export function isSignCharacter(code: number): boolean {
  return kinds[code] !== 0 && kinds[code] !== digitKind
}

function kindOfSign(code: number): number {
  const kind = code === 0x23 ? digitKind : (kinds[code] as number)
  if (kind === 0) throw new RangeError(`no sign may hold ${String.fromCharCode(code)}`)
  return kind
}

interface Sign {
  readonly kinds: readonly number[]
  /** The place in it of the last of the three characters that are looked for. */
  readonly anchor: number
  /** What stands before the three characters; undefined: the sign begins with them. */
  readonly before: number | undefined
  readonly owner: number
}

/** From frequent to rare in logs; the rarest three characters of a sign are looked for. */
const byRarity = '0123456789 etaoinsr:.lcdm,pu/hfg-b_wy=vk+x@qjz%&?!;$<(\\'
/** Words of many logs: three characters of one of them are looked for where a sign has no others. */
const usualWords = 'access accepted account attempt attached base database key state status'
const rarity = new Map(Array.from(byRarity, (character, rank) => [kinds[character.charCodeAt(0)], rank]))

/**
 * Tells where signs may end, for those who go over the bytes of a text anyway. `window` begins with 0, where a string of
 * JSON begins as well; for each byte it becomes `((window << 6) & 0x3ffff) | kinds[byte]`. A sign may end at the byte where
 * the bit `window & 31` of `windows[window >> 5]` is set.
 */
export interface SignWindows {
  /** By byte of UTF-8: below 62, so that a caller has two kinds for itself. */
  readonly kinds: Uint8Array
  /** A bit for each window of three kinds. */
  readonly windows: Int32Array
}

const nothing = 0
const digits = 1
const noSigns: readonly Sign[] = []
/** The owner of numbers: at least so many digits, in groups that a card, a telephone or an identity number has. */
export const numbersOwner = 1 << 31
export const cardDigits = 13
/** Of the first two groups of its number, at least. */
export const cardGroup = 4

/**
 * Looks for many short signs at once: a bit says whether three characters may end one of them, so that a character takes
 * about a nanosecond, whatever the text holds and however many signs there are. All bits fit into the cache next to the
 * processor; what the three characters end is in a table that is asked less often.
 */
export class FirstLook {
  /** Whose signs stand where the last look stopped, a bit each. */
  owners = 0
  /** By owner: where its sign ends. */
  readonly ends = new Int32Array(32)
  readonly windows: SignWindows = { kinds: kinds.slice(0, 256), windows: new Int32Array((windowMask + 1) >> wordBits) }
  /** By three characters: nothing, digits, or the number of a list of signs. */
  readonly #table = new Uint16Array(windowMask + 1)
  readonly #lists: Sign[][] = [[], []]

  /** Each sign with the number (0 to 30) of its owner. */
  constructor(
    signs: readonly (readonly [text: string, owner: number])[],
    { findsNumbers }: { readonly findsNumbers: boolean },
  ) {
    for (const [text, owner] of signs) this.#add(Array.from(Buffer.from(text), kindOfSign), owner)
    const threeDigits = windowOf([digitKind, digitKind, digitKind])
    if (findsNumbers && this.#table[threeDigits] === nothing) this.#table[threeDigits] = digits
    const { windows } = this.windows
    for (const [window, found] of this.#table.entries()) {
      if (found !== nothing)
        windows[window >> wordBits] = (windows[window >> wordBits] as number) | (1 << (window & 31))
    }
  }

  #add(signKinds: readonly number[], owner: number): void {
    const anchor = rarestEnd(signKinds)
    const length = Math.min(anchor + 1, 3)
    const end = windowOf(signKinds.slice(anchor + 1 - length, anchor + 1))
    const sign: Sign = { kinds: signKinds, anchor, before: signKinds[anchor - 3], owner }
    // Before a sign of one or two characters there may be any others.
    for (let before = 0; before <= windowMask >> (length * kindBits); before++) {
      const window = (before << (length * kindBits)) | end
      const list = this.#lists[this.#table[window] as number] as Sign[]
      this.#table[window] = this.#lists.push([...list, sign]) - 1
    }
  }

  /**
   * The place of the next sign: one of its characters, at or behind `from` and before `to`; -1: there is none. Sets
   * `owners` and `ends`.
   */
  find(text: string, from: number, to: number): number {
    const { windows } = this.windows
    let window = from === 0 ? 0 : windowAt(text, from - 1)
    for (let at = from; at < to; at++) {
      window = ((window << kindBits) & windowMask) | (kinds[text.charCodeAt(at)] as number)
      if ((((windows[window >> wordBits] as number) >> (window & 31)) & 1) === 0) continue
      const found = this.#table[window] as number
      if (found !== digits) {
        if (this.#isSign(text, at, found)) return at
        continue
      }
      const end = endOfDigits(text, at)
      if (this.#isNumber(text, at, end)) return at
      // Behind three digits, the window is of digits until their end.
      at = end - 1
    }
    return -1
  }

  #isSign(text: string, at: number, list: number): boolean {
    const signs = this.#lists[list] ?? noSigns
    const before = at < 3 ? undefined : kinds[text.charCodeAt(at - 3)]
    let owners = 0
    for (let index = 0; index < signs.length; index++) {
      const sign = signs[index] as Sign
      // Many signs end with the same word: one character distinguishes most of them.
      if (sign.before !== undefined && sign.before !== before) continue
      const { kinds: signKinds, anchor, owner } = sign
      const start = at - anchor
      if (!standsAt(text, start, signKinds)) continue
      const end = start + signKinds.length - 1
      const isKnown = (owners & (1 << owner)) !== 0
      if (!isKnown || end > (this.ends[owner] as number)) this.ends[owner] = end
      owners |= 1 << owner
    }
    this.owners = owners
    return owners !== 0
  }

  /** Three digits end at `at`, all of them at `end`. */
  #isNumber(text: string, at: number, end: number): boolean {
    const length = end - startOfDigits(text, at)
    const mark = text.charCodeAt(end)
    const isGrouped = (mark === 0x20 || mark === 0x2d) && kinds[text.charCodeAt(end + 1)] === digitKind
    const isCard =
      length >= cardDigits || (length === cardGroup && isGrouped && endOfDigits(text, end + 1) - end > cardGroup)
    const isIdentity =
      length === 3 && isGrouped && text.charCodeAt(end + 3) === mark && endOfDigits(text, end + 4) === end + 8
    this.owners = numbersOwner
    return isCard || isIdentity
  }
}

function windowAt(text: string, at: number): number {
  let window = 0
  for (let place = Math.max(0, at - 2); place <= at; place++) {
    window = (window << kindBits) | (kinds[text.charCodeAt(place)] as number)
  }
  return window
}

function standsAt(text: string, start: number, signKinds: readonly number[]): boolean {
  if (start < 0) return false
  for (let index = 0; index < signKinds.length; index++) {
    if (kinds[text.charCodeAt(start + index)] !== signKinds[index]) return false
  }
  return true
}

function windowOf(some: readonly number[]): number {
  return some.reduce((window, kind) => (window << kindBits) | kind, 0)
}

const usualWindows: ReadonlySet<number> = new Set(
  Array.from(Buffer.from(usualWords), kindOfSign).map((_, end, word) =>
    windowOf(word.slice(Math.max(0, end - 2), end + 1)),
  ),
)

/** Where the rarest three characters of a sign end. */
function rarestEnd(signKinds: readonly number[]): number {
  let best = Math.min(2, signKinds.length - 1)
  for (let end = best; end < signKinds.length; end++) {
    if (rarityOf(signKinds, end) > rarityOf(signKinds, best)) best = end
  }
  return best
}

function rarityOf(signKinds: readonly number[], end: number): number {
  const three = signKinds.slice(Math.max(0, end - 2), end + 1)
  if (usualWindows.has(windowOf(three))) return 0
  return three.reduce((sum, kind) => sum + (rarity.get(kind) ?? 0), 0)
}

function endOfDigits(text: string, from: number): number {
  let end = from
  while (end < text.length && kinds[text.charCodeAt(end)] === digitKind) end++
  return end
}

function startOfDigits(text: string, at: number): number {
  let start = at
  while (start > 0 && kinds[text.charCodeAt(start - 1)] === digitKind) start--
  return start
}
