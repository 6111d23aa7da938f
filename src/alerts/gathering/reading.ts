import type { Condition } from '../../pipelines/conditions/condition.ts'
import type { FieldPath } from '../../pipelines/index.ts'
import { binOf, middleOf } from '../evaluation/quantile.ts'
import type { Observation } from '../rules/observation.ts'
import type { RulePlan } from '../rules/plan.ts'
import { measuredNumber, measuredText } from '../rules/read-values.ts'
import { addTo, type Cell, type Usage } from './cell.ts'
import type { RuleLog } from './rule-log.ts'
import type { SharedConditions } from './shared-conditions.ts'

/** What an observation says besides its time and sample. */
type Row = Omit<Observation, 'timeMs' | 'sample'>

/** How a kind of rules counts logs. `cell.count` is that of the logs before. */
export interface Reading {
  /** Adds a log. Returns how many events it is: 0 where it is no bad one, undefined where it has nothing that is measured. */
  add(cell: Cell, log: RuleLog, usage: Usage): number | undefined
  /** What is in the cell, so that it says the same as its logs one by one. */
  rows(cell: Cell): readonly Row[]
}

/** How logs are counted for the rule. */
export function readingOf(plan: RulePlan, conditions: SharedConditions): Reading {
  const { read, watch, definition } = plan
  if (read.bad !== undefined) {
    const { bad: text } = definition as { readonly bad: string }
    return badLogs(conditions.shared(text, read.bad))
  }
  if (read.isOfLogins) return failedLogins
  if (watch.by === 'sequence') return steps(read.steps)
  if (read.field === undefined) return allLogs
  if (watch.by === 'new-term') return texts(read.field)
  const of = watch.by === 'window' || watch.by === 'anomaly' ? watch.measure.of : 'count'
  switch (of) {
    case 'distinct':
      return texts(read.field)
    case 'quantile':
      return bins(read.field)
    case 'min':
      return extreme(read.field, (number, other) => number < other)
    case 'max':
      return extreme(read.field, (number, other) => number > other)
    default:
      return sum(read.field)
  }
}

const allLogs: Reading = {
  add: () => 1,
  rows: ({ count }) => [{ count }],
}

function badLogs(isBad: Condition): Reading {
  return {
    add(cell, log) {
      if (!isBad(log)) return 0
      cell.number++
      return 1
    },
    rows: ({ count, number }) => [{ count, bad: number }],
  }
}

function sum(field: FieldPath): Reading {
  return {
    add(cell, log) {
      const number = measuredNumber(log.seen(field))
      if (number === undefined) return undefined
      cell.number += number
      return 1
    },
    rows: ({ count, number }) => [{ count, sum: number }],
  }
}

function extreme(field: FieldPath, isBeyond: (number: number, other: number) => boolean): Reading {
  return {
    add(cell, log) {
      const number = measuredNumber(log.seen(field))
      if (number === undefined) return undefined
      if (cell.count === 0 || isBeyond(number, cell.number)) cell.number = number
      return 1
    },
    rows: ({ count, number }) => [{ count, number }],
  }
}

function bins(field: FieldPath): Reading {
  return {
    add(cell, log, usage) {
      const number = measuredNumber(log.seen(field))
      if (number === undefined) return undefined
      cell.counts ??= new Map()
      addTo(cell.counts, binOf(number), 1, usage)
      return 1
    },
    rows: ({ counts = [] }) => [...counts].map(([bin, count]) => ({ count, number: middleOf(bin as number) })),
  }
}

function texts(field: FieldPath): Reading {
  return {
    add(cell, log, usage) {
      const text = measuredText(log.seen(field))
      if (text === undefined) return undefined
      cell.counts ??= new Map()
      addTo(cell.counts, text, 1, usage)
      return 1
    },
    rows: ({ counts = [] }) => [...counts].map(([text, count]) => ({ count, text: text as string })),
  }
}

/** Steps of a log are the bits of a number. */
function steps(conditions: readonly Condition[]): Reading {
  return {
    add(cell, log, usage) {
      let met = 0
      for (let step = 0; step < conditions.length; step++) if (conditions[step]?.(log) === true) met |= 1 << step
      if (met === 0) return undefined
      cell.counts ??= new Map()
      addTo(cell.counts, met, 1, usage)
      return 1
    },
    rows: ({ counts = [] }) =>
      [...counts].map(([met, count]) => ({
        count,
        steps: conditions.flatMap((_, step) => (((met as number) >> step) & 1 ? [step] : [])),
      })),
  }
}

const failedLogins: Reading = {
  add(cell, { login }, usage) {
    if (login === undefined) return undefined
    cell.counts ??= new Map()
    cell.attempts ??= new Map()
    addTo(cell.counts, login.connection, 1, usage)
    addTo(cell.attempts, login.connection, login.count, usage)
    return 1
  },
  rows: ({ counts = [], attempts }) =>
    [...counts].map(([connection, count]) => ({
      count,
      number: attempts?.get(connection) ?? 0,
      ...(connection !== undefined && { text: connection as string }),
    })),
}
