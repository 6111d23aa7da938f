import type { AlertChange } from '../alert-change.ts'
import { episodeId } from './alert-key.ts'
import type { AlertState } from './alert-state.ts'
import { isAtRest } from './episode.ts'

/** Whose alert it was. */
export interface EndedRule {
  /** Its name. */
  readonly rule: string
  /** The fields that it grouped by. */
  readonly fields: readonly string[]
}

/** The end of an alert whose rule is gone, at a time; undefined: there is none to end. */
export function endedAlert(
  key: string,
  { rule, fields }: EndedRule,
  state: AlertState,
  timeMs: number,
): AlertChange | undefined {
  const { episode, eventCount, samples } = state
  if (isAtRest(episode)) return undefined
  return {
    key,
    episode: episodeId(key, episode.startMs),
    rule,
    group: Object.fromEntries(fields.map((field, index) => [field, state.group[index] ?? ''])),
    status: 'resolved',
    severity: episode.severity,
    startMs: episode.startMs,
    timeMs: Math.max(timeMs, episode.changeMs),
    summary: `the rule ${rule} is gone or was changed`,
    value: episode.value,
    threshold: 0,
    baseline: null,
    examples: samples.map(([, line]) => line),
    eventCount,
    links: {},
    labels: episode.labels,
  }
}
