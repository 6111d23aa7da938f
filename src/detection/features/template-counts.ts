/** So many templates are counted by themselves. */
const templatesMax = 128
/** Bits for further ones, of which it is only counted how many there are. */
const bitsMax = 4096

/** How often each template came, in bounded memory. */
export class TemplateCounts {
  readonly #counts = new Map<string, number>()
  #others: Uint8Array | undefined
  #otherLines = 0

  add(id: string, lines = 1): void {
    const known = this.#counts.get(id)
    if (known !== undefined) this.#counts.set(id, known + lines)
    else if (this.#counts.size < templatesMax) this.#counts.set(id, lines)
    else this.#addOther(id, lines)
  }

  /** Adds all lines of another one, in the form of its row. */
  merge(templates: Iterable<readonly [id: string, lines: number]>, others: string): void {
    for (const [id, lines] of templates) this.add(id, lines)
    if (others === '') return
    const [lines, text] = others.split(' ')
    const bits = Buffer.from(text ?? '', 'base64')
    const known = (this.#others ??= new Uint8Array(bitsMax / 8))
    this.#otherLines += Number(lines)
    for (const [index, byte] of bits.entries()) known[index] = (known[index] as number) | byte
  }

  /** How many different ones there were. */
  get distinct(): number {
    return this.#counts.size + this.#otherCount
  }

  /** The entropy of the lines over templates. Those that are not counted by themselves are taken to be equally frequent. */
  get entropyBits(): number {
    let lines = this.#otherLines
    for (const count of this.#counts.values()) lines += count
    let bits = 0
    for (const count of this.#counts.values()) bits -= (count / lines) * Math.log2(count / lines)
    if (this.#otherLines > 0) {
      const each = this.#otherLines / this.#otherCount / lines
      bits -= (this.#otherLines / lines) * Math.log2(each)
    }
    return bits
  }

  /** As a store keeps it. */
  row(): { readonly templates: readonly (readonly [string, number])[]; readonly otherTemplates: string } {
    const others = this.#others
    const otherTemplates = others === undefined ? '' : `${this.#otherLines} ${Buffer.from(others).toString('base64')}`
    return { templates: [...this.#counts], otherTemplates }
  }

  #addOther(id: string, lines: number): void {
    this.#others ??= new Uint8Array(bitsMax / 8)
    this.#otherLines += lines
    const bit = hashOf(id) % bitsMax
    const byte = bit >> 3
    this.#others[byte] = (this.#others[byte] as number) | (1 << (bit & 7))
  }

  /** Linear counting: how many values it takes to set so many bits. */
  get #otherCount(): number {
    if (this.#others === undefined) return 0
    let zeros = 0
    for (const byte of this.#others) for (let bit = 0; bit < 8; bit++) if (((byte >> bit) & 1) === 0) zeros++
    return Math.max(1, Math.round(bitsMax * Math.log(bitsMax / Math.max(1, zeros))))
  }
}

/** FNV-1a, mixed: similar texts lie far apart. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return (hash ^ (hash >>> 13)) >>> 0
}
