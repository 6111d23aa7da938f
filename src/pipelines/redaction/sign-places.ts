import { cardDigits, cardGroup } from './first-look.ts'
import type { TextParts } from './text-scanner.ts'

const partsMost = 256
const [zero, nine, space, hyphen] = [0x30, 0x39, 0x20, 0x2d]

/**
 * The places of a text where signs may end, as somebody finds them who goes over its bytes. Beyond its bound, the last part
 * reaches up to the last place.
 */
export class SignPlaces implements TextParts {
  readonly bounds = new Int32Array(partsMost * 2)
  count = 0
  isEscaped = false

  /** Forgets all places: another text begins. */
  clear(): void {
    this.count = 0
    this.isEscaped = false
  }

  /**
   * The windows say that a sign may end at a byte. `shift`: how much less its place in the text is. Returns the byte behind
   * which to continue, as if all bytes up to it had been read. Places come in their order.
   */
  note(bytes: Uint8Array, at: number, shift: number): number {
    if (!isThirdDigit(bytes, at)) {
      this.add(at - shift, at - shift + 1)
      return at
    }
    let last = at
    while (isDigit(bytes[last + 1] as number)) last++
    if (isNumber(bytes, last + 3 - at, last)) this.add(last - shift, last - shift + 1)
    return last
  }

  /** A part that is to be looked at from its begin to its end. */
  add(start: number, end: number): void {
    const { bounds, count } = this
    if (count > 0 && (bounds[count - 1] === start || count === bounds.length)) bounds[count - 1] = end
    else {
      bounds[count] = start
      bounds[count + 1] = end
      this.count = count + 2
    }
  }
}

function isThirdDigit(bytes: Uint8Array, at: number): boolean {
  return isDigit(bytes[at] as number) && isDigit(bytes[at - 1] as number) && isDigit(bytes[at - 2] as number)
}

/** Nearly all digits of logs are those of times, counts and identifiers: neither many nor in groups. */
function isNumber(bytes: Uint8Array, digits: number, last: number): boolean {
  if (digits >= cardDigits) return true
  const mark = bytes[last + 1] as number
  if (mark !== space && mark !== hyphen) return false
  const from = last + 2
  let end = from
  while (end - from < cardGroup && isDigit(bytes[end] as number)) end++
  return digits === 3 ? end - from === 2 : digits === cardGroup && end - from === cardGroup
}

function isDigit(byte: number): boolean {
  return byte >= zero && byte <= nine
}
