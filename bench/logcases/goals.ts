import type { Share, Tally } from './tally.ts'

/** A goal, whether it is reached, and by how much. */
export interface GoalResult {
  readonly name: string
  readonly isReached: boolean
  readonly text: string
}

/** The goals of the lines: those of logins, cards and flows are told beside them. */
export function goalResults(all: Tally): readonly GoalResult[] {
  return [
    atLeast('time right', all.share('timestamp'), 97),
    atMost('wrong time without a tag', all.wrongTime, 0),
    atLeast('level right where it is not info', all.share('not info'), 95),
    atLeast('all main fields', all.share('main'), 88),
    atMost('refused although it has a readable line', all.refused, 0),
    atLeast('failed logins seen or not, as they are', all.share('authFailure'), 95),
    atLeast('source of failed logins', all.share('sourceIp'), 93),
    atLeast('texts left or redacted as they should', all.share('text'), 99),
  ]
}

function atLeast(name: string, { right, of }: Share, percentMin: number): GoalResult {
  const percent = of === 0 ? 100 : (right / of) * 100
  const text = `${right}/${of} ${percent.toFixed(1)} % (at least ${percentMin} %)`
  return { name, isReached: percent >= percentMin, text }
}

function atMost(name: string, count: number, max: number): GoalResult {
  return { name, isReached: count <= max, text: `${count} (at most ${max})` }
}
