import { existsSync, readFileSync } from 'node:fs'
import { SequenceModel } from '../../src/detection/index.ts'

/** The ids of the events of one block of HDFS, and how many blocks had exactly these. */
export interface Session {
  readonly events: readonly string[]
  readonly isAnomalous: boolean
  readonly count: number
}

/** Of all sessions: right and wrong verdicts. Shares are from 0 to 1. */
export interface Verdicts {
  readonly precision: number
  readonly recall: number
  readonly f1: number
  /** The share of usual sessions that were found unusual. */
  readonly falseShare: number
}

/** The sessions of HDFS-100k: those to learn from, and those to judge. */
export function hdfsSessions(file: string): { readonly train: readonly Session[]; readonly test: readonly Session[] } {
  const rows = readFileSync(file, 'utf8').trimEnd().split('\n').slice(1)
  const sessions = rows.map((row) => {
    const [set = '', anomalous, count, events = ''] = row.split(',')
    return { set, isAnomalous: anomalous === '1', count: Number(count), events: events.split(' ') }
  })
  return { train: sessions.filter(({ set }) => set === 'train'), test: sessions.filter(({ set }) => set === 'test') }
}

/** A file of DeepLog: one session a line. Undefined where there is none. */
export function deepLogSessions(file: string, isAnomalous: boolean): readonly Session[] | undefined {
  if (!existsSync(file)) return undefined
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  return lines.map((line) => ({ events: line.trim().split(/\s+/), isAnomalous, count: 1 }))
}

/** Learns from sessions, and judges others: a session with a rare step is unusual. */
export function verdicts(train: readonly Session[], test: readonly Session[]): Verdicts {
  const model = new SequenceModel()
  for (const { events, count } of train) for (let time = 0; time < count; time++) model.learn(events)
  let [hits, misses, falseHits, usual] = [0, 0, 0, 0]
  for (const { events, isAnomalous, count } of test) {
    const isFound = model.rareSteps(events).length > 0
    if (isAnomalous) {
      if (isFound) hits += count
      else misses += count
    } else {
      usual += count
      if (isFound) falseHits += count
    }
  }
  const precision = hits / (hits + falseHits)
  const recall = hits / (hits + misses)
  return { precision, recall, f1: (2 * precision * recall) / (precision + recall), falseShare: falseHits / usual }
}
