/** What finds a value by its look. */
export const detectorNames = ['token', 'url-password', 'email', 'iban', 'card', 'ssn', 'phone', 'ip'] as const
export type DetectorName = (typeof detectorNames)[number]

/**
 * `mask`: `[redacted:card]` in its place. `hash`: `[redacted:card:6f1c…]`, the same for equal values, by a key. `drop`:
 * nothing in its place; a field that is named so is removed.
 */
export type RedactionAction = 'mask' | 'hash' | 'drop'

/** One line of a rule file: names of fields whose values are hidden, or a detector, or both. */
export interface RedactionRule {
  /** The word in the mask, and what `redactFields` reports. */
  readonly name: string
  /**
   * Names whose values are hidden wherever they stand: in a field, a pair, a header, a query, JSON inside of a text.
   * Written in small letters with blanks between words: `api key` is `apiKey`, `API_KEY`, `x-api-key` as well.
   */
  readonly names?: readonly string[]
  /** `random`: in running text (`token: x`) only values that look random are hidden, because the word is a usual one. */
  readonly values?: 'any' | 'random'
  readonly detector?: DetectorName
  /** Paths of fields that the rule is for; without them, all. */
  readonly fields?: readonly string[]
  /** Without one: `mask`. */
  readonly action?: RedactionAction
}

/** A rule file. */
export interface RedactionRules {
  readonly rules: readonly RedactionRule[]
  /** The key of `hash`. */
  readonly hashKey?: string
}

/** What is hidden where nobody says otherwise. */
export const defaultRedaction: RedactionRules = Object.freeze({
  rules: [
    {
      name: 'secret',
      names: [
        ...[
          'password',
          'passwd',
          'passphrase',
          'passcode',
          'passwort',
          'pwd',
          'secret',
          'secret key',
          'secret key base',
        ],
        ...['api key', 'access key', 'private key', 'encryption key', 'signing key', 'master key', 'account key'],
        ...['shared access key', 'subscription key', 'function key', 'license key', 'cvv', 'cvc', 'security code'],
      ],
    },
    {
      name: 'secret',
      names: [
        'token',
        'cookie',
        'cookies',
        'credential',
        'credentials',
        'pass',
        'pin',
        'otp',
        'totp',
        'jwt',
        'sig',
      ].concat([
        ...['phpsessid', 'jsessionid', 'connect sid', 'x amz signature', 'x amz credential', 'shared access signature'],
      ]),
      values: 'random',
    },
    { name: 'token', names: ['authorization'], values: 'random' },
    { name: 'token', detector: 'token' },
    { name: 'secret', detector: 'url-password' },
    { name: 'email', detector: 'email' },
    { name: 'iban', detector: 'iban' },
    { name: 'card', detector: 'card' },
    { name: 'ssn', detector: 'ssn' },
    { name: 'phone', detector: 'phone' },
  ],
} satisfies RedactionRules)
