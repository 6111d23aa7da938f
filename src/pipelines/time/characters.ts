/** One character of a text after another, as numbers: scanners of times look at each once. */
export class Characters {
  text = ''
  at = 0

  /** The code at the place of reading; 0 at the end. */
  get code(): number {
    return this.codeAt(this.at)
  }

  /** The engine is faster without NaN among whole numbers. */
  codeAt(at: number): number {
    return at < this.text.length ? this.text.charCodeAt(at) : 0
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length
  }

  get isAtDigit(): boolean {
    return isDigit(this.code)
  }

  get isAtLetter(): boolean {
    return isLetter(this.code)
  }

  /** Reads one character if it is this one. */
  skip(code: number): boolean {
    if (this.code !== code) return false
    this.at++
    return true
  }

  skipBlanks(): boolean {
    const from = this.at
    while (isBlank(this.code)) this.at++
    return this.at > from
  }

  /** How many digits come next. */
  digitsAhead(): number {
    let at = this.at
    while (isDigit(this.codeAt(at))) at++
    return at - this.at
  }

  /** The number that the next digits write; there are so many. */
  digits(count: number): number {
    let value = 0
    for (let index = 0; index < count; index++) value = value * 10 + this.text.charCodeAt(this.at++) - zero
    return value
  }

  /** The letters that come next. */
  word(): string {
    const from = this.at
    while (isLetter(this.code)) this.at++
    return this.text.slice(from, this.at)
  }
}

const zero = 0x30

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

/** Letters of other languages too: months have them. */
function isLetter(code: number): boolean {
  const lower = code | 0x20
  return (lower >= 0x61 && lower <= 0x7a) || (code >= 0xc0 && code <= 0x17f)
}

/** Blank, tab, and the blanks that ICU writes before AM and PM. */
function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0xa0 || code === 0x202f
}
