const count = /^(\d{1,7}) </

/**
 * The messages of syslog in a text that counts their octets (RFC 6587: `73 <34>1 … 21 <13>1 …`); undefined where the text
 * does not begin so. What is cut off at the end is given as it is.
 */
export function octetCounted(text: string): readonly string[] | undefined {
  if (!count.test(text)) return undefined
  const bytes = Buffer.from(text)
  const messages: string[] = []
  let at = 0
  while (at < bytes.length) {
    const blank = bytes.indexOf(0x20, at)
    const length = blank < 0 || blank - at > 7 ? Number.NaN : Number(bytes.toString('latin1', at, blank))
    if (!(length > 0)) break
    messages.push(bytes.toString('utf8', blank + 1, blank + 1 + length))
    at = blank + 1 + length
  }
  return messages
}
