import { readFileSync } from 'node:fs'

/** An input with its right value, as data/logcases describes them: one JSON object a line. */
export interface LogCase {
  /** Where the right value comes from; what begins with `nasty`, `auth` and so on is compared in its own way. */
  readonly source: string
  readonly input: string | number
  readonly expected: Readonly<Record<string, unknown>>
  readonly receivedMs?: number
}

/** Kafka's time where neither the case nor its right time says one. */
const defaultReceivedMs = Date.parse('2026-11-24T08:00:01Z')

/** Throws a SyntaxError that names file and line where a line is no JSON. */
export function readCases(file: string): readonly LogCase[] {
  const cases: LogCase[] = []
  for (const [index, line] of readFileSync(file, 'utf8').split('\n').entries()) {
    if (line === '') continue
    try {
      cases.push(JSON.parse(line) as LogCase)
    } catch (error) {
      throw new SyntaxError(`${file}:${index + 1} is no JSON`, { cause: error })
    }
  }
  return cases
}

/** The right time, where the case has one. */
export function rightTime({ expected }: LogCase): number | undefined {
  if (typeof expected.timestamp === 'number') return expected.timestamp
  return typeof expected.time === 'string' ? Date.parse(expected.time) : undefined
}

export function receivedTime(logCase: LogCase): number {
  const right = rightTime(logCase)
  return logCase.receivedMs ?? (right === undefined ? defaultReceivedMs : right + 1000)
}
