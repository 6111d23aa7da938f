import type { SigmaEvent } from './sigma-event.ts'

/** Whether an event is as a part of a rule says. */
export type Predicate = (event: SigmaEvent) => boolean

/** A part of a rule. */
export interface SigmaTest {
  readonly passes: Predicate
  /** It passes only where a value of the event has one of these in lower case. Undefined: nothing is known. */
  readonly needs: readonly string[] | undefined
}

/** Whether all of the tests are met. */
export function everyOf(tests: readonly SigmaTest[]): SigmaTest {
  const [first, second] = tests
  if (tests.length === 1 && first !== undefined) return first
  const needs = tests.reduce<SigmaTest['needs']>((best, test) => rarer(best, test.needs), undefined)
  const passing = tests.map(({ passes }) => passes)
  if (tests.length === 2 && first !== undefined && second !== undefined)
    return { passes: (event) => first.passes(event) && second.passes(event), needs }
  const passes = (event: SigmaEvent): boolean => {
    for (const passesOne of passing) if (!passesOne(event)) return false
    return true
  }
  return { passes, needs }
}

/** Whether one of the tests is met. */
export function someOf(tests: readonly SigmaTest[]): SigmaTest {
  const [first] = tests
  if (tests.length === 1 && first !== undefined) return first
  const passing = tests.map(({ passes }) => passes)
  const passes = (event: SigmaEvent): boolean => {
    for (const passesOne of passing) if (passesOne(event)) return true
    return false
  }
  return { passes, needs: unionOf(tests) }
}

/** Whether so many of the tests are met. */
export function someNumberOf(least: number, tests: readonly SigmaTest[]): SigmaTest {
  const passes = (event: SigmaEvent): boolean => tests.filter((test) => test.passes(event)).length >= least
  return { passes, needs: unionOf(tests) }
}

/** Whether the test is not met. */
export function notOf({ passes }: SigmaTest): SigmaTest {
  return { passes: (event) => !passes(event), needs: undefined }
}

function unionOf(tests: readonly SigmaTest[]): SigmaTest['needs'] {
  const all: string[] = []
  for (const { needs } of tests) {
    if (needs === undefined) return undefined
    all.push(...needs)
  }
  return all
}

/** The needs that fewer events meet: short texts are everywhere. */
function rarer(one: SigmaTest['needs'], other: SigmaTest['needs']): SigmaTest['needs'] {
  if (one === undefined || other === undefined) return one ?? other
  const [length, otherLength] = [shortest(one), shortest(other)]
  if (length === otherLength) return one.length <= other.length ? one : other
  return length > otherLength ? one : other
}

/** Longer texts are equally rare. */
const lengthMax = 8

function shortest(texts: readonly string[]): number {
  return texts.reduce((least, text) => Math.min(least, text.length), lengthMax)
}
