const count = /^(\d{1,7}) </
const [blank, angle] = [0x20, 0x3c]

/**
 * The messages of syslog in a text that counts their octets (RFC 6587: `73 <34>1 … 21 <13>1 …`); the last may be cut off.
 * Undefined where the counts do not lead from message to message: nothing of the text is lost then.
 */
export function octetCounted(text: string): readonly string[] | undefined {
  if (!count.test(text)) return undefined
  const bytes = Buffer.from(text)
  const messages: string[] = []
  let at = 0
  while (at < bytes.length) {
    const end = bytes.subarray(at, at + 8).indexOf(blank)
    const length = end < 0 ? Number.NaN : Number(bytes.toString('latin1', at, at + end))
    const start = at + end + 1
    if (!(length > 0) || bytes[start] !== angle) return undefined
    at = start + length
    messages.push(bytes.toString('utf8', start, at))
    while (bytes[at] === 0x0a || bytes[at] === 0x0d) at++
  }
  return messages
}
