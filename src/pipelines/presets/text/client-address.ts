const address = String.raw`(?:::ffff:)?(\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:]))`

/** Names that stand before the address of a client, the surest first. */
const signs: readonly RegExp[] = [
  new RegExp(String.raw`\bSRC=${address}`),
  new RegExp(
    String.raw`\b(?:rhost|rip|oip|remote_addr|remote_ip|client_ip|clientip|src_ip|srcip|origin_address|saddr|addr|src|client|ip|IP|from|ipAddress|remoteAddr) ?= ?["'\[]{0,2}${address}`,
  ),
  new RegExp(String.raw`\b[Cc](?:lient|LIENT):? ["'\[@]{0,2}${address}`),
  new RegExp(String.raw`\b(?:laddr|src) (?:[\w-]{1,40}:)?${address}`),
  new RegExp(
    String.raw`\b(?:from|FROM|by|for) (?:IP:? |ip |IP address |address |host |peer |unknown\[)?["'\[(<]{0,2}(?:[\w-]+:)?${address}`,
  ),
  new RegExp(String.raw`\bfrom:? [\w.-]{1,100} ?[\[(]${address}`),
  new RegExp(String.raw`\bremote host \[ipv[46]:${address}`),
  new RegExp(String.raw`\b(?:New connection|connection):? ${address}`),
  new RegExp(String.raw`\b(?:denied|permitted) \w{1,10} ${address}`),
  new RegExp(String.raw`\b[Cc]lient @0x[0-9a-f]{1,20} ${address}`),
  new RegExp(String.raw`\b(?:IP|ip)(?:[ -]address)?:? ?["'\`]?${address}`),
  new RegExp(String.raw`'@'${address}'`),
  new RegExp(String.raw`\bAUTH-ERROR: ${address}`),
  new RegExp(String.raw`\bH=(?:[\w.-]{0,100} )?(?:\([^)\s]{0,100}\) )?\[${address}\]`),
  new RegExp(String.raw` \(${address}\)$`),
  new RegExp(String.raw`^(?:access-list \S{1,60} (?:permitted|denied|est-allowed) \w{1,10} )[\w-]{1,40}/${address}`),
  new RegExp(String.raw`\bbetween ${address}`),
  new RegExp(String.raw`^${address}\(`),
]

/** Longer texts are looked at by their beginning only. */
const lookedAtMax = 2048

/** The address that a message names as the one of a client: behind a word that says so. */
export function clientAddress(message: string): string | undefined {
  const text = message.length > lookedAtMax ? message.slice(0, lookedAtMax) : message
  if (!mayHoldAddress.test(text)) return undefined
  for (const sign of signs) {
    const found = sign.exec(text)?.[1]
    if (found !== undefined) return found
  }
  return undefined
}

/** Three dots between numbers, or two colons with hexadecimal digits. */
const mayHoldAddress = /\d\.\d{1,3}\.\d{1,3}\.\d|:[0-9A-Fa-f]{0,4}:/
