import { AssignmentReader } from './assignment.ts'
import { findCard } from './detectors/card.ts'
import type { Detector, Span } from './detectors/detector.ts'
import { email } from './detectors/email.ts'
import { iban } from './detectors/iban.ts'
import { ip } from './detectors/ip.ts'
import { NumberRun } from './detectors/number-run.ts'
import { findPhone, findSocialSecurityNumber } from './detectors/numbers.ts'
import { token } from './detectors/token.ts'
import { urlPassword } from './detectors/url-password.ts'
import { FirstLook, numbersOwner, type SignWindows } from './first-look.ts'
import { hiddenNumberCost, type LookBudget, nameCost, numbersCost, signCost } from './look-budget.ts'
import type { DetectorName, RedactionRule } from './rules.ts'
import { SecretNames } from './secret-names.ts'

const inNumbers = { card: findCard, ssn: findSocialSecurityNumber, phone: findPhone } as const
type NumberDetector = keyof typeof inNumbers
type NumberFinder = (typeof inNumbers)[NumberDetector]
const atSigns: Readonly<Record<Exclude<DetectorName, NumberDetector>, Detector>> = {
  token,
  'url-password': urlPassword,
  email,
  iban,
  ip,
}
/** No detector takes more characters before the end of a sign for its find. */
const reachMost = 600
/** Its sign is `+` before a digit. */
const phoneOwner = 30

function isInNumbers(name: DetectorName): name is NumberDetector {
  return Object.hasOwn(inNumbers, name)
}

/** Where parts of a text begin and end, one after another: `count` numbers of `bounds`. */
export interface TextParts {
  /** Begin and end of each part, in turn. */
  readonly bounds: Int32Array
  /** How many numbers these are. */
  readonly count: number
  /** The text holds a backslash. */
  readonly isEscaped: boolean
}

/**
 * Finds what rules hide in a text, in one pass: a first look at each character, and a closer one where a sign stands. The
 * finds of the last text are the first `count` of `starts`, `ends` and `rules`, first to last, none inside of another.
 */
export class TextScanner {
  count = 0
  readonly starts: number[] = []
  readonly ends: number[] = []
  /** By find: the number of its rule. */
  readonly rules: number[] = []
  /** By find: its place must hold a text of JSON, quotes included. */
  readonly bareJson: boolean[] = []
  readonly names: SecretNames
  /** The number of the rule for what is not looked at. */
  readonly unread: number
  readonly #look: FirstLook
  readonly #budget: LookBudget
  /** By number of an owner of signs: 0 is the names. */
  readonly #detectors: readonly (readonly [Detector, number])[]
  readonly #numbers: readonly (readonly [NumberFinder, number])[]
  readonly #isWeak: readonly boolean[]
  readonly #assignment = new AssignmentReader()
  readonly #run = new NumberRun()
  /** Before it, all was looked at: a find may reach over the end of a part. */
  #from = 0
  /** Where the last run of numbers ends: none is read twice. */
  #numbersEnd = 0
  #namesEnd = 0
  /** Where the last find ends. */
  #lastEnd = 0
  readonly #span: Span = { start: 0, end: 0 }

  /** `budget`: of the document that the texts are parts of; its owner refills it. */
  constructor(rules: readonly RedactionRule[], budget: LookBudget) {
    this.names = new SecretNames(rules)
    this.#budget = budget
    this.unread = rules.length
    this.#isWeak = rules.map(({ values }) => values === 'random')
    const detectors: (readonly [Detector, number])[] = []
    const numbers: (readonly [NumberFinder, number])[] = []
    const signs: (readonly [string, number])[] = []
    for (const [index, rule] of rules.entries()) {
      for (const sign of SecretNames.signs(rule)) signs.push([sign, 0])
      if (rule.detector === undefined) continue
      if (isInNumbers(rule.detector)) numbers.push([inNumbers[rule.detector], index])
      else {
        const detector = atSigns[rule.detector]
        detectors.push([detector, index])
        for (const sign of detector.signs) signs.push([sign, detectors.length])
      }
    }
    this.#detectors = detectors
    this.#numbers = numbers
    if (numbers.some(([find]) => find === findPhone)) signs.push(['+#', phoneOwner])
    this.#look = new FirstLook(signs, { findsNumbers: numbers.length > 0 })
  }

  /** Where signs of something to be hidden may end. */
  get signs(): SignWindows {
    return this.#look.windows
  }

  /** The rule's names are usual words: in running text and numbers they count only before what looks random. */
  isWeak(rule: number): boolean {
    return this.#isWeak[rule] === true
  }

  /** The number of the rule for a field of this name; -1: none. Where the budget is spent, a new name may be that of a secret. */
  ruleOf(name: string): number {
    const known = this.names.known(name)
    if (known !== undefined) return known
    if (this.#budget.isSpent) return this.unread
    this.#budget.spend(nameCost)
    return this.names.ruleOf(name)
  }

  /** False: nothing is to be hidden. */
  scan(text: string): boolean {
    this.#begin()
    this.#scanPart(text, 0, text.length)
    return this.count > 0
  }

  /** The same of a text in which signs end nowhere but in these parts. */
  scanParts(text: string, { bounds, count }: TextParts): boolean {
    this.#begin()
    for (let index = 0; index < count; index += 2) {
      this.#scanPart(text, bounds[index] as number, bounds[index + 1] as number)
    }
    return this.count > 0
  }

  #begin(): void {
    this.count = 0
    this.#from = 0
    this.#lastEnd = 0
    this.#numbersEnd = 0
    this.#namesEnd = 0
  }

  #scanPart(text: string, start: number, end: number): void {
    const look = this.#look
    if (start > this.#from) this.#from = start
    for (;;) {
      const at = look.find(text, this.#from, end)
      if (at < 0) return
      if (this.#budget.isSpent) {
        this.#hideRest(text, at)
        return
      }
      const isNumber = (look.owners & (numbersOwner | (1 << phoneOwner))) !== 0
      const found = isNumber
        ? this.#findNumbers(text, (look.owners & (1 << phoneOwner)) === 0 ? at : (look.ends[phoneOwner] as number))
        : this.#findAt(text, look)
      this.#from = found > at ? found : at + 1
    }
  }

  /** From what the sign may belong to. */
  #hideRest(text: string, at: number): void {
    const span = this.#span
    span.start = Math.max(this.#lastEnd, at - reachMost)
    span.end = text.length
    this.#from = this.#found(span, this.unread, false)
  }

  /** Where the find ends; -1 where the sign was of nothing. */
  #findAt(text: string, { owners, ends }: FirstLook): number {
    const from = this.#lastEnd
    this.#budget.spend(signCost)
    for (let owner = 1; owner <= this.#detectors.length; owner++) {
      if ((owners & (1 << owner)) === 0) continue
      const [detector, rule] = this.#detectors[owner - 1] as readonly [Detector, number]
      if (detector.find(text, ends[owner] as number, from, this.#span)) return this.#found(this.#span, rule, false)
    }
    return (owners & 1) === 0 ? -1 : this.#findNamed(text, ends[0] as number, from)
  }

  #findNamed(text: string, at: number, from: number): number {
    const assignment = this.#assignment
    // One look at each name, however many signs it holds.
    if (at < this.#namesEnd) return -1
    let rule = this.ruleOf(assignment.readName(text, at, from))
    if (rule < 0) rule = this.ruleOf(assignment.readLongerName(text, from))
    this.#namesEnd = assignment.nameEnd
    if (rule < 0 || !assignment.readValue(text, this.isWeak(rule))) return -1
    return this.#found(assignment, rule, assignment.isBareJson)
  }

  /** Returns where the numbers end. */
  #findNumbers(text: string, at: number): number {
    const run = this.#run
    const end = run.read(text, at, this.#numbersEnd > this.#lastEnd ? this.#numbersEnd : this.#lastEnd)
    this.#numbersEnd = end
    this.#budget.spend(run.count + numbersCost)
    for (let group = 0; group < run.count; group++) {
      if ((run.starts[group] as number) < this.#lastEnd) continue
      for (const [find, rule] of this.#numbers) {
        if (!find(text, run, group, this.#span)) continue
        this.#budget.spend(hiddenNumberCost)
        this.#found(this.#span, rule, false)
        break
      }
    }
    return end
  }

  #found({ start, end }: Span, rule: number, isBareJson: boolean): number {
    const index = this.count++
    this.starts[index] = start
    this.ends[index] = end
    this.rules[index] = rule
    this.bareJson[index] = isBareJson
    this.#lastEnd = end
    return end
  }
}
