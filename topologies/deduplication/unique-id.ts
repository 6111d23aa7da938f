const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i
const runLeast = 16
/** Words have few digits, or none: `PaymentDeclined2026`. */
const lettersPerDigitMax = 3

/**
 * Whether a program made an id for one event alone: a UUID, a ULID, a hash or a long number. `LOGIN_FAILED` or `4625` may
 * be the kind of many events, and `e7` the number of one since the program has started.
 */
export function looksUnique(id: string): boolean {
  if (id.length < runLeast) return false
  let [length, digits] = [0, 0]
  for (let at = 0; at < id.length; at++) {
    const code = id.charCodeAt(at)
    if (isDigit(code)) digits++
    if (isDigit(code) || isLetter(code)) length++
    else if (isRandom(length, digits)) return true
    else [length, digits] = [0, 0]
  }
  return isRandom(length, digits) || uuid.test(id)
}

/** Of a run of letters and digits. */
function isRandom(length: number, digits: number): boolean {
  return length >= runLeast && length <= digits * (lettersPerDigitMax + 1)
}

const isDigit = (code: number) => code >= 0x30 && code <= 0x39
const isLetter = (code: number) => (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a
