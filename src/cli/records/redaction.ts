import { createRedactor, type Redactor } from '../../pipelines/redaction/redact.ts'
import { defaultRedaction, type RedactionRule, type RedactionRules } from '../../pipelines/redaction/rules.ts'
import { textOf } from './record-line.ts'

/**
 * What a command hides before it shows records. Without options, values that look like a secret or are of a person are
 * hidden, and so are members whose name says that they hold one.
 */
export interface RedactionOptions {
  /** Names of fields and headers to hide, in addition to values that look like secrets. */
  readonly redact?: readonly string[]
  /** In place of the usual rules, such as those of a pipeline. */
  readonly rules?: RedactionRules | undefined
  /** Hide only what `redact` names. */
  readonly showSecrets?: boolean
}

/** Hides fields that are named, and what looks like a secret, in values that are shown to a person. */
export class Redaction {
  readonly #redactor: Redactor

  constructor({ redact = [], rules = defaultRedaction, showSecrets = false }: RedactionOptions) {
    const named: RedactionRule = { name: 'secret', names: redact }
    const session: RedactionRule = { name: 'secret', names: ['session id'] }
    this.#redactor = createRedactor({
      rules: showSecrets ? [named] : [named, ...rules.rules, session],
      hashKey: rules.hashKey,
    })
  }

  /** The same value with hidden parts; the value that was given stays as it is. */
  of(value: unknown): unknown {
    if (typeof value === 'string') return this.#text(value)
    if (Array.isArray(value)) return value.map((member) => this.of(member))
    if (typeof value === 'number' || typeof value === 'bigint') return this.#number(value)
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
    // As JSON shows it: times, and records that are objects of a class.
    if ('toJSON' in value && typeof value.toJSON === 'function') return this.of(value.toJSON())
    const members = value instanceof Map ? [...value.entries()] : Object.entries(value)
    return Object.fromEntries(
      members.map(([name, member]) => [this.#text(String(name)), this.member(String(name), member)]),
    )
  }

  /** A value that has a name, such as that of a header. */
  member(name: string, value: unknown): unknown {
    if (value === null || value === undefined) return value
    return this.#redactor.redactNamed(name, textOf(value)) ?? this.of(value)
  }

  /** A card may be stored as a number. */
  #number(value: number | bigint): unknown {
    const text = String(value)
    const shown = this.#redactor.redactText(text)
    return shown === text ? value : shown
  }

  /** A text that is JSON is redacted member by member, so that names count; any other text by its parts. */
  #text(text: string): string {
    return isJson(text) ? this.#redactor.redactJson(text) : this.#redactor.redactText(text)
  }
}

function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
