import { type Fields, isFields, newFields } from '../../field-value.ts'

const quote = '"'

/** Reads the structured data of RFC 5424, `[id name="value" …][…]`, into the fields: an object for each id. Linear. */
export function readStructuredData(text: string, into: Fields): void {
  let at = 0
  while (text[at] === '[') {
    const idEnd = endOfName(text, at + 1)
    const element = elementOf(into, text.slice(at + 1, idEnd))
    at = readParameters(text, idEnd, element)
    if (text[at] !== ']') return
    at++
  }
}

function elementOf(into: Fields, id: string): Fields {
  const found = into[id]
  if (isFields(found)) return found
  return (into[id] = newFields())
}

function readParameters(text: string, from: number, element: Fields): number {
  let at = from
  for (;;) {
    while (text[at] === ' ') at++
    if (at >= text.length || text[at] === ']') return at
    const nameEnd = endOfName(text, at)
    const quoteAt = text[nameEnd + 1] === ' ' ? nameEnd + 2 : nameEnd + 1
    if (text[nameEnd] !== '=' || text[quoteAt] !== quote) return text.length
    const name = text.slice(at, nameEnd)
    const valueEnd = endOfValue(text, quoteAt + 1)
    element[name] = text.slice(quoteAt + 1, valueEnd).replace(/\\(["\\\]])/g, '$1')
    at = valueEnd + 1
  }
}

function endOfName(text: string, from: number): number {
  let at = from
  while (at < text.length && !' =]"'.includes(text[at] as string)) at++
  return at
}

function endOfValue(text: string, from: number): number {
  let at = from
  while (at < text.length && text[at] !== quote) at += text[at] === '\\' ? 2 : 1
  return Math.min(at, text.length)
}
