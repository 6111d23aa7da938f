const redacted = '[redacted]'

/** Names whose values are nobody's business, wherever they stand: in a member, a header, a line of text. */
const secretName =
  'passw(?:or)?d|passphrase|pwd|secret|credential|authori[sz]ation|cookie|session[_-]?id|private[_-]?key|api[_-]?key|access[_-]?key|token'

const secretMember = new RegExp(secretName, 'i')

/** `name=value`, `name: value` and `"name":"value"`, also inside of a string of JSON. */
const assignment = new RegExp(
  `([\\w.-]*(?:${secretName})[\\w.-]*\\\\?["']?\\s*[=:]\\s*)(?:(?:bearer|basic|token)\\s+)?(\\\\?"[^"]*"|'[^']*'|[^\\s,;&"']+)`,
  'gi',
)

/** What is secret by its look alone. */
const secretTexts: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g,
  /\b(?:bearer|basic)\s+[\w.~+/=-]{8,}/gi,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|xox[abeprs]-[\w-]{10,}|glpat-[\w-]{20,})/g,
]

/** `scheme://user:password@host` */
const userInAddress = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@:]+:[^\s/@]+@/gi

/**
 * What a command hides before it shows records. Without options, values that look like a secret are hidden, and so are
 * members whose name says that they hold one.
 */
export interface RedactionOptions {
  /** Names of fields and headers to hide, in addition to values that look like secrets. */
  readonly redact?: readonly string[]
  /** Hide only what `redact` names. */
  readonly showSecrets?: boolean
}

/** Hides fields that are named, and what looks like a secret, in values that are shown to a person. */
export class Redaction {
  readonly #names: ReadonlySet<string>
  readonly #showSecrets: boolean

  constructor({ redact = [], showSecrets = false }: RedactionOptions) {
    this.#names = new Set(redact.map((name) => name.toLowerCase()))
    this.#showSecrets = showSecrets
  }

  /** The same value with hidden parts; the value that was given stays as it is. */
  of(value: unknown): unknown {
    if (typeof value === 'string') return this.#text(value)
    if (Array.isArray(value)) return value.map((member) => this.of(member))
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
    // As JSON shows it: times, and records that are objects of a class.
    if ('toJSON' in value && typeof value.toJSON === 'function') return this.of(value.toJSON())
    const members = value instanceof Map ? [...value.entries()] : Object.entries(value)
    return Object.fromEntries(members.map(([name, member]) => [name, this.member(String(name), member)]))
  }

  /** A value that has a name, such as that of a header. */
  member(name: string, value: unknown): unknown {
    if (value === null || value === undefined) return value
    const isSecret = this.#names.has(name.toLowerCase()) || (!this.#showSecrets && secretMember.test(name))
    return isSecret ? redacted : this.of(value)
  }

  /** A text that is JSON is redacted member by member, so that names count; any other text by its parts. */
  #text(text: string): string {
    const json = this.#jsonText(text)
    if (json !== undefined) return json
    if (this.#showSecrets) return text
    const shown = secretTexts.reduce((left, pattern) => left.replace(pattern, redacted), text)
    return shown.replace(userInAddress, `$1${redacted}@`).replace(assignment, `$1${redacted}`)
  }

  /** JSON in a string has names too. */
  #jsonText(text: string): string | undefined {
    if (!/^\s*[[{]/.test(text)) return undefined
    try {
      return JSON.stringify(this.of(JSON.parse(text)))
    } catch {
      return undefined
    }
  }
}
