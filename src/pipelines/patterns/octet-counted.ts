import { eventsMax } from '../record-budget.ts'

/** A message begins with its priority, which the end of the text may cut. */
const header = /^(\d{1,7}) <(?:\d{1,3}>|\d{0,3}$)/
const headerBytesMax = '1234567 <191>'.length

/**
 * The messages of syslog in a text that counts their octets (RFC 6587: `73 <34>1 … 21 <13>1 …`); the last may be cut off.
 * Undefined where the counts do not lead from message to message, or to more than 10,000: nothing of the text is lost then.
 */
export function octetCounted(text: string): readonly string[] | undefined {
  if (!header.test(text)) return undefined
  const bytes = Buffer.from(text)
  const messages: string[] = []
  let at = 0
  while (at < bytes.length) {
    const digits = header.exec(bytes.toString('latin1', at, at + headerBytesMax))?.[1]
    if (digits === undefined || messages.length === eventsMax) return undefined
    const start = at + digits.length + 1
    at = start + Number(digits)
    messages.push(bytes.toString('utf8', start, at))
    while (bytes[at] === 0x0a || bytes[at] === 0x0d) at++
  }
  return messages
}
