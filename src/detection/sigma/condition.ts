import { SigmaMistake } from './sigma-mistake.ts'
import { everyOf, notOf, type SigmaTest, someNumberOf, someOf } from './sigma-test.ts'

/** The named parts of a detection. */
export type Selections = ReadonlyMap<string, SigmaTest>

/** A deep condition is a mistake, and would be too deep for the stack. */
const depthMax = 100

/** Compiles a condition, such as `selection and not 1 of filter_*`. Throws a SigmaMistake. */
export function conditionTest(condition: string, selections: Selections): SigmaTest {
  if (condition.includes('|')) throw new SigmaMistake('the condition has an aggregation: write a correlation rule')
  return new ConditionParser(condition, selections).parse()
}

class ConditionParser {
  readonly #condition: string
  readonly #selections: Selections
  readonly #tokens: readonly string[]
  #at = 0
  #depth = 0

  constructor(condition: string, selections: Selections) {
    this.#condition = condition
    this.#selections = selections
    this.#tokens = condition.match(/[()]|[^\s()]+/g) ?? []
  }

  parse(): SigmaTest {
    const test = this.#either()
    if (this.#at < this.#tokens.length) this.#refuse(`has '${this.#tokens[this.#at]}' too much`)
    return test
  }

  #either(): SigmaTest {
    const tests = [this.#both()]
    while (this.#takes('or')) tests.push(this.#both())
    return someOf(tests)
  }

  #both(): SigmaTest {
    const tests = [this.#not()]
    while (this.#takes('and')) tests.push(this.#not())
    return everyOf(tests)
  }

  #not(): SigmaTest {
    if (++this.#depth > depthMax) this.#refuse('is too deep')
    const isNegated = this.#takes('not')
    const test = isNegated ? this.#not() : this.#single()
    this.#depth--
    return isNegated ? notOf(test) : test
  }

  #single(): SigmaTest {
    const token = this.#tokens[this.#at++]
    if (token === undefined) return this.#refuse('ends too early')
    if (token === '(') {
      const test = this.#either()
      if (!this.#takes(')')) this.#refuse('lacks a )')
      return test
    }
    if (this.#tokens[this.#at]?.toLowerCase() === 'of') {
      this.#at++
      return this.#some(token.toLowerCase(), this.#tokens[this.#at++] ?? '')
    }
    return this.#selections.get(token) ?? this.#refuse(`names ${token}, which is no part of the detection`)
  }

  /** `1 of them`, `all of selection_*`. */
  #some(quantity: string, names: string): SigmaTest {
    const tests = [...this.#selections].filter(([name]) => isMeant(name, names)).map(([, test]) => test)
    if (tests.length === 0) return this.#refuse(`names ${names}, which is no part of the detection`)
    if (quantity === 'all') return everyOf(tests)
    if (quantity === '1' || quantity === 'any') return someOf(tests)
    const least = Number(quantity)
    if (!Number.isInteger(least) || least < 1) return this.#refuse(`has '${quantity} of': write all, any or a number`)
    return someNumberOf(least, tests)
  }

  #takes(word: string): boolean {
    if (this.#tokens[this.#at]?.toLowerCase() !== word) return false
    this.#at++
    return true
  }

  #refuse(problem: string): never {
    throw new SigmaMistake(`the condition '${this.#condition}' ${problem}`)
  }
}

/** `them` are all whose name does not begin with an underline. */
function isMeant(name: string, names: string): boolean {
  if (names === 'them') return !name.startsWith('_')
  const [start = '', end] = names.split('*')
  return end === undefined
    ? name === names
    : name.startsWith(start) && name.endsWith(end) && name.length >= start.length + end.length
}
