import { fieldPath } from '../field-path.ts'

/** What finds a value by its look. */
export const detectorNames = ['token', 'url-password', 'email', 'iban', 'card', 'ssn', 'phone', 'ip'] as const
/** What a detector finds; each has a check of its own, such as the checksum of an IBAN. */
export type DetectorName = (typeof detectorNames)[number]

/**
 * `mask`: `[redacted:card]` in its place. `hash`: `[redacted:card:6f1c…]`, the same for equal values, by a key. `drop`:
 * nothing in its place; a field that is named so is removed.
 */
export const redactionActions = ['mask', 'hash', 'drop'] as const
/** What is done with a find. */
export type RedactionAction = (typeof redactionActions)[number]

/** One rule: names of fields whose values are hidden, or a detector, or both; with neither, `fields` are hidden as they are. */
export interface RedactionRule {
  /** The word in the mask, and what `redactFields` reports. */
  readonly name: string
  /**
   * Names whose values are hidden wherever they stand: in a field, a pair, a header, a query, JSON inside of a text.
   * However it is written, `api key` is `apiKey`, `API_KEY` and `x-api-key` as well.
   */
  readonly names?: readonly string[]
  /** `random`: in running text (`token: x`) only values that look random are hidden, because the word is a usual one. */
  readonly values?: 'any' | 'random'
  /** Finds values by their look. */
  readonly detector?: DetectorName
  /** Paths of fields that the rule is for; without them, all. In `event.original` it holds for the whole text. */
  readonly fields?: readonly string[]
  /** Without one: `mask`. */
  readonly action?: RedactionAction
}

/** What `createRedactor` compiles. Of two rules for the same thing, the first one counts. */
export interface RedactionRules {
  /** Where two rules find the same, the first one counts. */
  readonly rules: readonly RedactionRule[]
  /** The key of `hash`. Never part of a file of rules. */
  readonly hashKey?: string | undefined
}

/** The section `redaction` of a pipeline. */
export interface RedactionDefinition {
  /** Whether the rules of `defaultRedaction` hold as well, after these. Default true. */
  readonly defaults?: boolean
  /** Rules of this pipeline. */
  readonly rules?: readonly RedactionRule[]
}

/** The rules that a pipeline asks for; without a section, the default ones. */
export function redactionRules({ defaults = true, rules = [] }: RedactionDefinition = {}): readonly RedactionRule[] {
  return defaults ? [...rules, ...defaultRedaction.rules] : rules
}

/** The mask of what is not looked at, because its document holds more signs of secrets than are looked at closely. */
export const unreadMask = 'unread'
/** Its number is that behind all others. */
export const unreadRule: RedactionRule = Object.freeze({ name: unreadMask })

/** The same rules for texts in which there are no fields: those for named fields count by the last name, and everywhere. */
export function rulesOfTexts(rules: readonly RedactionRule[]): readonly RedactionRule[] {
  return rules.map(({ fields, ...rule }) => {
    if (fields === undefined || rule.detector !== undefined || rule.names !== undefined) return rule
    return { ...rule, names: fields.map((field) => fieldPath(field).names.at(-1) ?? '') }
  })
}

/** What is hidden where nobody says otherwise. */
export const defaultRedaction: RedactionRules = Object.freeze({
  rules: [
    {
      name: 'secret',
      names:
        'password,passwd,passphrase,passcode,passwort,pwd,secret,secret key,secret key base,api key,access key,private key,encryption key,signing key,master key,account key,shared access key,subscription key,function key,license key,cvv,cvc,security code'.split(
          ',',
        ),
    },
    {
      name: 'secret',
      // Several are a list, or how many there are.
      names:
        'token,cookie,cookies,credential,credentials,pass,pin,otp,totp,jwt,sig,phpsessid,jsessionid,connect sid,x amz signature,x amz credential,shared access signature,passwords,passphrases,secrets,api keys,access keys,private keys,secret keys,access tokens,refresh tokens'.split(
          ',',
        ),
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
