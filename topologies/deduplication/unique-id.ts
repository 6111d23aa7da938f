const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i
const run = /[0-9a-z]{16,}/gi
const digit = /\d/g
/** Words have few digits, or none: `PaymentDeclined2026`. */
const lettersPerDigitMax = 3

/**
 * Whether a program made an id for one event alone: a UUID, a ULID, a hash or a long number. `LOGIN_FAILED` or `4625` may
 * be the kind of many events, and `e7` the number of one since the program has started.
 */
export function looksUnique(id: string): boolean {
  if (id.length < 16) return false
  if (uuid.test(id)) return true
  return id.match(run)?.some(isRandom) ?? false
}

function isRandom(text: string): boolean {
  const digits = text.match(digit)?.length ?? 0
  return text.length <= digits * (lettersPerDigitMax + 1)
}
