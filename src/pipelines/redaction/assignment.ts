import type { Span } from './detectors/detector.ts'
import { endOfRun, isAlphanumeric, isBlank, isDigit, isLetter, isNameCharacter, startOfRun } from './characters.ts'
import { looksRandom } from './random-text.ts'

/** How a value was written behind its name. */
export interface Assignment extends Span {
  nameStart: number
  nameEnd: number
  /** `"name": 5` of JSON: what is put in its place must be a text of JSON. */
  isBareJson: boolean
}

const nameMost = 64
const blanksMost = 16
const bracketMost = 65_536
const tagMost = 256
const quoteCodes = new Set([0x22, 0x27, 0x60])
const backslash = 0x5c

/** What follows a name in running text where the word is not used as a name: `password: incorrect`. */
const plainWords = new Set(
  'a an the try is was are be been not no none null nil undefined true false yes empty blank missing required optional invalid incorrect wrong bad expired expiring mismatch mismatched failed failure failing error changed change reset resetting updated set unset ok accepted rejected denied given provided supplied unknown must should can cannot could may for of in on with and or to by from too if string text user redacted hidden masked removed filtered protected'.split(
    ' ',
  ),
)

const schemes =
  /(?:bearer|basic|token|digest|negotiate|ntlm|apikey|api-key|key|hawk|oauth|aws4-hmac-sha256|signature|sharedkey(?:lite)?|mac|splunk)[ +]+(?=\S)/iy
const restOfLine = /[^\r\n"']*/y
const moreCookies = /(?:; ?[^\s;,"'=]{1,256}(?:=[^\s;,"']*)?)*/y

/**
 * Finds the value that is written behind a name: `name=value`, `name: value`, `"name":"value"` (escaped as often as it is),
 * `"name"=>"value"`, `<name>value</name>`, `--name value`, `name%3Dvalue`. Takes time within a bound, or as long as its find.
 */
export class AssignmentReader implements Assignment {
  start = 0
  end = 0
  nameStart = 0
  nameEnd = 0
  isBareJson = false
  /** JSON inside of a text of JSON. */
  #isInText = false

  /** Reads the name around `at`. */
  readName(text: string, at: number, from: number): string {
    this.nameStart = startOfRun(text, at + 1, isNameCharacter, nameMost, from)
    this.nameEnd = endOfRun(text, at + 1, isNameCharacter, nameMost)
    // `%5Bpassword`, `\npassword`: what the escape ends in is no part of the name.
    const escape = text.charCodeAt(this.nameStart - 1)
    if (escape === 0x25) this.nameStart = Math.min(this.nameStart + 2, at)
    else if (escape === backslash && 'nrt'.includes(text.charAt(this.nameStart))) this.nameStart++
    return text.slice(this.nameStart, this.nameEnd)
  }

  /** Adds the word before a blank: `api key`; '' where there is none. */
  readLongerName(text: string, from: number): string {
    const end = this.nameStart - 1
    if (end <= from || !isBlank(text.charCodeAt(end))) return ''
    const start = startOfRun(text, end, isNameCharacter, nameMost, from)
    if (start === end) return ''
    this.nameStart = start
    return text.slice(start, this.nameEnd)
  }

  /** Reads the value behind the name that was read. `isWeak`: in running text it must look random. */
  readValue(text: string, isWeak: boolean): boolean {
    this.isBareJson = false
    let at = this.nameEnd
    if (text.charCodeAt(at) === 0x5d) at++
    else if (text.startsWith('%5D', at) || text.startsWith('%5d', at)) at += 3
    const quoteAt = endOfRun(text, at, (code) => code === backslash, blanksMost)
    const isQuoted = quoteCodes.has(text.charCodeAt(quoteAt))
    if (isQuoted) at = quoteAt + 1
    else if (text.startsWith('%22', at)) at += 3
    const separator = this.#readSeparator(text, at)
    if (separator === '') return false
    const isJson = isQuoted && separator.startsWith(':')
    const isProse = !isQuoted && separator === ': '
    this.#isInText = quoteAt > this.nameEnd
    return (
      this.#readBracketed(text, isJson) ||
      this.#readQuoted(text, isJson, isProse && isWeak) ||
      this.#readBare(text, isProse, isWeak, isJson, separator)
    )
  }

  /** Returns the kind of the separator, and sets `start` behind it; '' where there is none. */
  #readSeparator(text: string, nameEnd: number): string {
    const at = endOfRun(text, nameEnd, isBlank, blanksMost)
    const code = text.charCodeAt(at)
    if (code === 0x3d || code === 0x3a) {
      let end = at + 1
      const next = text.charCodeAt(end)
      if (code === 0x3d && next === 0x3e) end++
      else if (next === 0x3d) end++
      if (code === 0x3a && text.startsWith('//', end)) return ''
      this.start = endOfRun(text, end, isBlank, blanksMost)
      // `password= user=bob` has no value.
      if (code === 0x3d && end === at + 1 && this.start > end && at === nameEnd) return ''
      return code === 0x3a && this.start > end ? ': ' : text.charAt(at)
    }
    // `<password>`, `<ns:password>`.
    if (code === 0x3e && '<:'.includes(text.charAt(this.nameStart - 1))) {
      this.start = at + 1
      return '>'
    }
    if (code === 0x25 && /%3[da]/iy.test(text.slice(at, at + 3))) {
      this.start = at + 3
      return '%'
    }
    this.start = at
    if (
      at > nameEnd &&
      text.startsWith('--', Math.max(0, this.nameStart - (text.charCodeAt(this.nameStart) === 0x2d ? 0 : 2)))
    )
      return '--'
    // `PASSWORD 'hunter2'` of SQL.
    if (at > nameEnd && text.charCodeAt(at) === 0x27) return "'"
    return text.startsWith('\\r\\n\\r\\n', at) || text.startsWith('\r\n\r\n', at) ? this.#formData(text, at) : ''
  }

  /** `name="password"`, an empty line, the value. */
  #formData(text: string, at: number): string {
    this.start = at + (text.charCodeAt(at) === backslash ? 8 : 4)
    return '='
  }

  /** An object or an array as a whole. */
  #readBracketed(text: string, isJson: boolean): boolean {
    const open = text.charCodeAt(this.start)
    if ((open !== 0x5b && open !== 0x7b) || text.startsWith('[redacted', this.start)) return false
    let depth = 0
    const last = Math.min(text.length, this.start + bracketMost)
    for (let at = this.start; at < last; at++) {
      const code = text.charCodeAt(at)
      if (code === 0x5b || code === 0x7b) depth++
      else if ((code === 0x5d || code === 0x7d) && --depth === 0) {
        this.end = at + 1
        this.isBareJson = isJson && !this.#isInText
        return this.end - this.start > 2
      }
    }
    this.end = last
    return last - this.start > 2
  }

  /** Up to the quote that closes it; to the end where that is missing. JSON keeps its quotes. */
  #readQuoted(text: string, isJson: boolean, mustLookRandom: boolean): boolean {
    const prefix = quoteCodes.has(text.charCodeAt(this.start + 1)) && /[ubr]/i.test(text.charAt(this.start)) ? 1 : 0
    const open = endOfRun(text, this.start + prefix, (code) => code === backslash, blanksMost)
    const quote = text.charCodeAt(open)
    if (!quoteCodes.has(quote)) return this.#readEncodedQuotes(text)
    const escapes = open - this.start - prefix
    let close = open + 1
    for (let slashes = 0; close < text.length; close++) {
      const code = text.charCodeAt(close)
      if (code === backslash) slashes++
      else if (code === quote && slashes <= escapes) break
      else slashes = 0
    }
    if (close - escapes <= open + 1) return false
    if (mustLookRandom && !looksRandom(text, open + 1, close)) return false
    if (close >= text.length) {
      this.start = open + 1
      this.end = text.length
    } else if (isJson || escapes > 0) {
      this.start = open + 1
      this.end = close - escapes
    } else this.end = close + 1
    return !isMasked(text, this.start, this.end)
  }

  #readEncodedQuotes(text: string): boolean {
    if (!text.startsWith('%22', this.start)) return false
    this.start += 3
    const close = text.slice(this.start, this.start + bracketMost).search(/%22|[\s&"]/)
    this.end = close < 0 ? Math.min(text.length, this.start + bracketMost) : this.start + close
    return this.end > this.start
  }

  #readBare(text: string, isProse: boolean, isWeak: boolean, isJson: boolean, separator: string): boolean {
    const start = this.start
    schemes.lastIndex = start
    const scheme = schemes.exec(text)?.[0]
    if (scheme !== undefined && this.#readCredentials(text, start, scheme)) return true
    let end = start
    const isEnd = separator === '>' ? isTag : isJson ? isJsonEnd : isValueEnd
    const last = separator === '>' ? Math.min(text.length, start + tagMost) : text.length
    const isEncoded = separator === '%'
    while (end < last && !isEnd(text.charCodeAt(end)) && !(isEncoded && isEncodedEnd(text, end))) end++
    if (separator === '>' && !text.startsWith('</', end)) return false
    if (isProse)
      while (end > start && !isAlphanumeric(text.charCodeAt(end - 1)) && '.)]}:!?'.includes(text.charAt(end - 1))) end--
    this.end = end
    if (end === start || isMasked(text, start, end)) return false
    if (isProse && !isProseValue(text, start, end, isWeak)) return false
    if (!isProse && !isAssignedValue(text, start, end, isWeak)) return false
    this.isBareJson = isJson && !this.#isInText
    if (text.startsWith('; ', end) && /cookie$/i.test(text.slice(this.nameStart, this.nameEnd)))
      this.end = endOfMatch(moreCookies, text, end)
    return true
  }

  /** `Authorization: Token abc…`, and the pairs of `Digest`, up to the end of the line. */
  #readCredentials(text: string, start: number, scheme: string): boolean {
    const value = start + scheme.length
    const hasPairs = /^(?:digest|aws4|hawk|oauth|signature|mac)/i.test(scheme)
    let end = value
    while (end < text.length && !isValueEnd(text.charCodeAt(end))) end++
    if (hasPairs && /[=,]/.test(text.slice(value, end + 1))) {
      restOfLine.lastIndex = value
      end = /^digest/i.test(scheme) ? endOfLine(text, value) : endOfMatch(restOfLine, text, value)
    } else if (!looksRandom(text, value, end)) return false
    this.start = start
    this.end = end
    return end > value
  }
}

function endOfMatch(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

function endOfLine(text: string, at: number): number {
  const end = text.slice(at, at + bracketMost).search(/[\r\n]/)
  return end < 0 ? Math.min(text.length, at + bracketMost) : at + end
}

/** `&`, `,`, `"` and `}` as queries write them. */
function isEncodedEnd(text: string, at: number): boolean {
  return text.charCodeAt(at) === 0x25 && encodedEnds.has(text.slice(at + 1, at + 3).toUpperCase())
}

const encodedEnds = new Set(['26', '2C', '22', '7D'])
const isTag = (code: number): boolean => code === 0x3c
const isJsonEnd = (code: number): boolean => code <= 0x20 || code === 0x2c || code === 0x7d || code === 0x5d
const valueEnds: ReadonlySet<number> = new Set(Buffer.from(',;&"\'<>)}]'))
const isValueEnd = (code: number): boolean => code <= 0x20 || valueEnds.has(code)

/** Hidden before: `[redacted:secret]`, `***`, `xxxx`. */
function isMasked(text: string, start: number, end: number): boolean {
  if (
    text.startsWith('[redacted', start) ||
    text.startsWith('"[redacted', start) ||
    text.startsWith('[FILTERED', start)
  )
    return true
  if (end - start >= bracketMost || !mayBeMask(text.charCodeAt(start))) return false
  return /^["']?(?:\*+|[•x.#-]{3,})["']?$|^["']?<[\w -]*>["']?$/i.test(text.slice(start, end))
}

/** What a mask begins with: a quote, `*`, `•`, `x`, `.`, `#`, `-`, `<`. */
function mayBeMask(code: number): boolean {
  return !isAlphanumeric(code) || (code | 0x20) === 0x78
}

function isProseValue(text: string, start: number, end: number, isWeak: boolean): boolean {
  if (text.charCodeAt(start) === 0x2f) return false
  if (isWeak) return looksRandom(text, start, end) && !looksLikePath(text, start, end)
  const isWord = endOfRun(text, start, isLetter, 20) === end
  return !(isWord && plainWords.has(text.slice(start, end).toLowerCase()))
}

/** `com.example.thing/4505` */
function looksLikePath(text: string, start: number, end: number): boolean {
  const value = text.slice(start, Math.min(end, start + 255))
  return value.includes('.') || (value.includes('/') && value.length < 32)
}

const constants = new Set([
  'null',
  'none',
  'nil',
  'undefined',
  'true',
  'false',
  '(null)',
  '<nil>',
  'yes',
  'no',
  'n/a',
  '-',
  '""',
  "''",
])

function isAssignedValue(text: string, start: number, end: number, isWeak: boolean): boolean {
  // `PWD=/home/bob` of sudo is a directory, `secret=/run/x` a file.
  if (text.charCodeAt(start) === 0x2f) return false
  if (end - start < 10 && constants.has(text.slice(start, end).toLowerCase())) return false
  if (!isWeak) return true
  return end - start >= 4 || (end - start === 3 && !isDigit(text.charCodeAt(start)))
}
