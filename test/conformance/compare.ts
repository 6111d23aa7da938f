import type { VectorRecord, VectorResult, VectorStore } from './vector.ts'

/** What is compared, each on its own. */
export const aspects = [
  'outputs',
  'steps',
  'stores',
  'errors',
  'describe',
  'subtopologies',
  'internal',
  'dropped',
] as const
export type Aspect = (typeof aspects)[number]

/** undefined: the scenario says nothing about the aspect. null: equal. A text: the first difference. */
export type Comparison = Readonly<Record<Aspect, string | null | undefined>>

/** Compares a run with the expectation of its scenario, by the rules of the scenarios' format. */
export function compare(expected: VectorResult, actual: VectorResult): Comparison {
  const completed = expected.error === undefined
  const outputs = expected.outputs
  const stores = completed ? expected.stores : undefined
  return {
    outputs: outputs && firstOf(topicsOf(outputs, actual.outputs), recordsDifference, outputs, actual.outputs),
    steps: outputs && firstOf(topicsOf(outputs, actual.outputs), stepsDifference, outputs, actual.outputs),
    stores: stores && firstOf(topicsOf(stores, actual.stores), storeDifference, stores, actual.stores),
    errors: errorDifference(expected, actual),
    describe: expected.describe === undefined ? undefined : textDifference(expected.describe, actual.describe ?? ''),
    subtopologies: expected.subtopologies && valueDifference(expected.subtopologies, actual.subtopologies),
    internal:
      expected.internal &&
      firstOf(topicsOf(expected.internal, actual.internal), internalDifference, expected.internal, actual.internal),
    dropped:
      completed && expected.dropped !== undefined ? valueDifference(expected.dropped, actual.dropped) : undefined,
  }
}

export function isEqual(comparison: Comparison): boolean {
  return aspects.every((aspect) => typeof comparison[aspect] !== 'string')
}

/** JSON text with sorted members. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined)
    members.sort(([left], [right]) => (left < right ? -1 : 1))
    return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`
  }
  return JSON.stringify(value ?? null)
}

type Named<T> = Readonly<Record<string, T>> | undefined

function topicsOf(expected: Named<unknown>, actual: Named<unknown>): readonly string[] {
  return [...new Set([...Object.keys(expected ?? {}), ...Object.keys(actual ?? {})])]
}

function firstOf<T>(
  names: readonly string[],
  difference: (expected: T | undefined, actual: T | undefined) => string | null,
  expected: Named<T>,
  actual: Named<T>,
): string | null {
  for (const name of names) {
    const text = difference(expected?.[name], actual?.[name])
    if (text !== null) return `${name}${text}`
  }
  return null
}

function valueDifference(expected: unknown, actual: unknown): string | null {
  const wanted = canonical(expected)
  const got = canonical(actual)
  return wanted === got ? null : `is ${got}, expected ${wanted}`
}

type Records = readonly VectorRecord[] | undefined

function listDifference(
  expected: Records,
  actual: Records,
  form: (record: VectorRecord, expected: VectorRecord) => unknown,
): string | null {
  const wanted = expected ?? []
  const got = actual ?? []
  for (let index = 0; index < Math.max(wanted.length, got.length); index++) {
    const want = wanted[index]
    const have = got[index]
    if (want === undefined) return `[${index}] is too much: ${canonical(have)}`
    if (have === undefined) return `[${index}] is missing: ${canonical(want)}`
    const text = valueDifference(form(want, want), form(have, want))
    if (text !== null) return `[${index}] ${text}`
  }
  return null
}

function recordsDifference(expected: Records, actual: Records): string | null {
  return listDifference(expected, actual, (record) => {
    const { step: _, ...rest } = record
    return rest
  })
}

/** Steps alone: a record that is missing or surplus is a difference of the outputs. */
function stepsDifference(expected: Records, actual: Records): string | null {
  const wanted = expected ?? []
  const got = actual ?? []
  const index = wanted.findIndex(({ step }, at) => got[at] !== undefined && got[at].step !== step)
  return index < 0 ? null : `[${index}] came in step ${got[index]?.step}, expected ${wanted[index]?.step}`
}

/** Where Java leaves the timestamp to the producer there is none to compare. */
function internalDifference(expected: Records, actual: Records): string | null {
  return listDifference(expected, actual, (record, { timestamp }) =>
    timestamp === null ? { ...record, timestamp: null } : record,
  )
}

function storeDifference(expected: VectorStore | undefined, actual: VectorStore | undefined): string | null {
  if (expected === undefined) return ' is a store too much'
  if (actual === undefined) return ' is missing'
  if (expected.type !== actual.type) return ` is of type ${actual.type}, expected ${expected.type}`
  const wanted = (expected.rows ?? []).map(canonical).sort()
  const got = (actual.rows ?? []).map(canonical).sort()
  const missing = without(wanted, got)
  const surplus = without(got, wanted)
  if (missing.length + surplus.length === 0) return null
  return `: missing ${missing.slice(0, 3).join(' ') || 'nothing'}, too much ${surplus.slice(0, 3).join(' ') || 'nothing'}`
}

/** The multiset difference. */
function without(rows: readonly string[], others: readonly string[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const row of others) counts.set(row, (counts.get(row) ?? 0) + 1)
  return rows.filter((row) => {
    const count = counts.get(row) ?? 0
    counts.set(row, count - 1)
    return count <= 0
  })
}

function errorDifference(expected: VectorResult, actual: VectorResult): string | null {
  const form = ({ error }: VectorResult) =>
    error === undefined
      ? 'no error'
      : `${error.class.replace(/^.*\./, '')} in phase ${error.phase}${error.step === undefined ? '' : `, step ${error.step}`}`
  const wanted = form(expected)
  const got = form(actual)
  return wanted === got ? null : `${got} (${actual.error?.message ?? ''}), expected ${wanted}`
}

function textDifference(expected: string, actual: string): string | null {
  if (expected === actual) return null
  const wanted = expected.split('\n')
  const got = actual.split('\n')
  const line = wanted.findIndex((text, index) => text !== got[index])
  return `line ${line + 1} is ${JSON.stringify(got[line] ?? '')}, expected ${JSON.stringify(wanted[line] ?? '')}`
}
