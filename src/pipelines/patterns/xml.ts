import { type Fields, type FieldValue, isFields, newFields } from '../field-value.ts'

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }
const depthMax = 100

/**
 * Reads an XML document as fields: elements by their names, several of one name as a list, attributes with `@`, text beside
 * attributes as `#text`. Comments, processing instructions and document types are left out; entities of a document type are
 * not replaced. Undefined where the text is no XML. Linear in the text.
 */
export function readXml(text: string): Fields | undefined {
  return new XmlReader(text).read()
}

interface Open {
  readonly name: string
  readonly fields: Fields
  text: string
}

class XmlReader {
  readonly #text: string
  readonly #open: Open[] = [{ name: '', fields: newFields(), text: '' }]
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  read(): Fields | undefined {
    while (this.#at < this.#text.length) {
      const next = this.#text.indexOf('<', this.#at)
      if (next < 0) break
      this.#current.text += unescapedXml(this.#text.slice(this.#at, next))
      this.#at = next
      if (!this.#markup()) return undefined
    }
    const root = this.#current.fields
    return this.#open.length === 1 && Object.keys(root).length > 0 ? root : undefined
  }

  get #current(): Open {
    return this.#open[this.#open.length - 1] as Open
  }

  #markup(): boolean {
    const text = this.#text
    if (text.startsWith('<!--', this.#at)) return this.#skip('-->')
    if (text.startsWith('<![CDATA[', this.#at)) return this.#characters()
    if (text.startsWith('<?', this.#at)) return this.#skip('?>')
    if (text.startsWith('<!', this.#at)) return this.#skip('>')
    return text.startsWith('</', this.#at) ? this.#close() : this.#element()
  }

  #skip(end: string): boolean {
    const found = this.#text.indexOf(end, this.#at)
    this.#at = found + end.length
    return found >= 0
  }

  #characters(): boolean {
    const from = this.#at + '<![CDATA['.length
    if (!this.#skip(']]>')) return false
    this.#current.text += this.#text.slice(from, this.#at - 3)
    return true
  }

  #close(): boolean {
    const from = this.#at + 2
    if (!this.#skip('>')) return false
    const name = this.#text.slice(from, this.#at - 1).trim()
    const closed = this.#open.length > 1 ? this.#open.pop() : undefined
    if (closed?.name !== name) return false
    addElement(this.#current.fields, closed)
    return true
  }

  #element(): boolean {
    this.#at++
    const name = this.#name()
    if (name === '' || this.#open.length > depthMax) return false
    const element = { name, fields: newFields(), text: '' }
    for (;;) {
      this.#blanks()
      const character = this.#text.charAt(this.#at)
      if (character === '>' || this.#text.startsWith('/>', this.#at)) break
      if (!this.#attribute(element.fields)) return false
    }
    if (this.#text.charAt(this.#at) === '/') {
      this.#at += 2
      addElement(this.#current.fields, element)
    } else {
      this.#at++
      this.#open.push(element)
    }
    return true
  }

  #attribute(into: Fields): boolean {
    const name = this.#name()
    this.#blanks()
    if (name === '' || this.#text.charAt(this.#at) !== '=') return false
    this.#at++
    this.#blanks()
    const quote = this.#text.charAt(this.#at)
    if (quote !== '"' && quote !== "'") return false
    const from = this.#at + 1
    const end = this.#text.indexOf(quote, from)
    if (end < 0) return false
    into[`@${name}`] = unescapedXml(this.#text.slice(from, end))
    this.#at = end + 1
    return true
  }

  #name(): string {
    const from = this.#at
    while (this.#at < this.#text.length && isNamePart(this.#text.charCodeAt(this.#at))) this.#at++
    return this.#text.slice(from, this.#at)
  }

  #blanks(): void {
    while (isBlank(this.#text.charCodeAt(this.#at))) this.#at++
  }
}

/** Blank, tab and line ends. */
function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d
}

/** Not one of `= / > < " '`, and no blank. */
function isNamePart(code: number): boolean {
  if (code > 0x3e) return true
  return !(
    isBlank(code) ||
    code === 0x3d ||
    code === 0x2f ||
    code === 0x3e ||
    code === 0x3c ||
    code === 0x22 ||
    code === 0x27
  )
}

function addElement(parent: Fields, { name, fields, text }: Open): void {
  const value = valueOf(fields, text.trim())
  const before = parent[name]
  if (before === undefined) parent[name] = value
  else if (Array.isArray(before)) (before as FieldValue[]).push(value)
  else parent[name] = [before, value]
}

function valueOf(fields: Fields, text: string): FieldValue {
  if (Object.keys(fields).length === 0) return text
  if (text !== '' && isFields(fields)) fields['#text'] = text
  return fields
}

function unescapedXml(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w{2,4}));/g,
    (whole, decimal, hexadecimal, name: string) => {
      if (name !== undefined) return entities[name] ?? whole
      const code = decimal === undefined ? Number.parseInt(hexadecimal as string, 16) : Number(decimal)
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole
    },
  )
}
