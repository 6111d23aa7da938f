import { isIP } from 'node:net'

const v4 = String.raw`\d{1,3}(?:\.\d{1,3}){3}`
const v6 = String.raw`[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:\.\d{1,3}){0,3}`
const address = `(?:${v6}|${v4})`
const named = String.raw`(?:${address}|[\w-]{1,63}(?:\.[\w-]{1,63}){1,8})`

/** Names that say whose address follows, the surest first; of each, the last one of the line counts. */
const places: readonly RegExp[] = [
  /\bRemoteAddress="IPV[46]\/\w{2,4}\/([^/"]{2,45})\//g,
  new RegExp(String.raw`\brhost=(?:::ffff:)?(${named})`, 'gi'),
  new RegExp(
    String.raw`\b(?:rip|oip|src_?ip|srcip|remote_?ip|remote_?addr(?:ess)?|client_?ip|ipaddress|ip|IP)["']?\s?[=:]\s?["'[(]?(?:::ffff:)?(${address})`,
    'gi',
  ),
  new RegExp(
    String.raw`(?:\[client |\bclient: |\bclient(?: address)?[ =:]{1,2}["'[]?)\[?(?:::ffff:)?(${address})`,
    'gi',
  ),
  new RegExp(
    String.raw`\bViewer Address: (${address})|\bSource Network Address:\s{1,8}(${address})|\bremote host \[ipv[46]:(${address}):`,
    'gi',
  ),
  new RegExp(String.raw`\bfailed for '(${address})`, 'gi'),
  new RegExp(String.raw`(?:^|[\s:])(${v4})\(\d{1,5}\)`, 'g'),
  new RegExp(String.raw`\bCall \(\w{3}:(${address})`, 'g'),
  new RegExp(String.raw`\bHost (${address}) failed`, 'gi'),
  // Of several in a row, the first is the client: proxies add themselves behind it.
  new RegExp(String.raw`[[(|,: ](${address})(?:, ?|\|)${address}(?![\w.-]*\w)`, 'gi'),
  // Who sends a request.
  new RegExp(String.raw`(?:^|[\s[(])(?:::ffff:)?(${address})(?::\d{1,5})?[\])]? - (?:\S{1,128} )?"[A-Z]{3,10} `, 'g'),
  // A name with an address.
  new RegExp(String.raw`(?:^|\s)[\w.@-]{1,64}/(${v4}):\d{1,5} `, 'g'),
  new RegExp(String.raw`'@'(${named}|localhost)'`, 'gi'),
  new RegExp(
    String.raw`\b(?:from|by)[: ]{1,2}(?:(?:ip|user|host|address|invalid user|authenticating user)[: ]{1,2}(?:address )?){0,2}(?:\S{1,64} )?[["'(<]{0,2}(?:\w{3}:\[)?(?:\[AF_INET6?\])?(?:::ffff:)?(${address})`,
    'gi',
  ),
  new RegExp(String.raw`\bfrom (${named})`, 'gi'),
  new RegExp(String.raw`\([^(),]{0,128},(?:::ffff:)?(${address})[,)]`, 'gi'),
  new RegExp(String.raw`(?:\(|\[|<)(?:::ffff:)?(${address})(?::\d{1,5})?(?:\)|\]|>)`, 'gi'),
]
const anywhere = new RegExp(String.raw`(?<![\w.:/-])(?:::ffff:)?(${address})(?![\w.-]*\w)`, 'gi')
/** Whose address it is not. */
const own =
  /(?:\blip|\bserver|\bto|\bdst|\bdst_ip|\blocal(?:_?(?:ip|addr|address))?|\bon|\bvia|version)[=: "'[(]{1,3}$/i

/** Where an attempt came from, by what stands around the addresses of a line; undefined: it names none. */
export function addressIn(text: string): string | undefined {
  for (const place of places) {
    const found = lastOf(text, place)
    if (found !== undefined) return found
  }
  return lastOf(text, anywhere)
}

function lastOf(text: string, place: RegExp): string | undefined {
  let last: string | undefined
  for (const match of text.matchAll(place)) {
    const word = match.slice(1).find((group) => group !== undefined)
    if (word === undefined || own.test(text.slice(Math.max(0, match.index - 16), match.index))) continue
    last = normalAddress(word) ?? last
  }
  return last
}

/** `::ffff:192.0.2.7` is 192.0.2.7; names of hosts stay; undefined: neither. */
export function normalAddress(word: string): string | undefined {
  const plain = word
    .replace(/^\[([\da-f:.]+)\](?::\d{1,5})?$/i, '$1')
    .replace(/^::ffff:(?=\d{1,3}\.)/i, '')
    .replace(/[.:]+$/, (end) => (end === '::' ? end : ''))
  if (isIP(plain) !== 0) return plain
  const withoutPort = plain.replace(/:\d{1,5}$/, '')
  if (isIP(withoutPort) !== 0) return withoutPort
  const isName =
    /^[a-z0-9](?:[\w-]*\.)+[a-z]{2,24}$/i.test(plain) &&
    !/\.(?:c|h|py|php|java|go|js|log|conf|dll|exe|so)$/i.test(plain)
  return isName || plain === 'localhost' ? plain : undefined
}
