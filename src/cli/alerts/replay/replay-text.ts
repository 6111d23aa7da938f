import { noticeKinds } from '../../../alerts/index.ts'
import { counted } from '../../../core/counted.ts'
import { textTable } from '../../text-table.ts'
import type { FiringDifference } from './firing-differences.ts'
import type { Firing } from './firings.ts'
import type { ReceiverCounts } from './notice-counts.ts'
import { timeText } from '../../time-text.ts'

/** Nobody asks for anything in a replay. */
const shownKinds = noticeKinds.filter((kind) => kind !== 'incident')

/** An alert that would have fired. */
export function firingText(firing: Firing): string {
  const { key, severity, summary, value, threshold, notices, suppressed } = firing
  const sent = Object.entries(notices).map(([receiver, count]) => `${receiver} ${count}`)
  return [
    `${key}: ${severity}, ${spanText(firing)}`,
    `  ${summary}`,
    `  value: ${numberText(value)}, threshold: ${numberText(threshold)}, events: ${firing.eventCount}`,
    ...(sent.length === 0 ? [] : [`  notices: ${sent.join(', ')}`]),
    ...suppressed.map(({ reason, by }) => `  not sent for some time: ${reason}${by === null ? '' : ` by ${by}`}`),
  ].join('\n')
}

/** One line for each alert that differs. */
export function differenceText({ kinds, before, now }: FiringDifference): string {
  const what = kinds.join(', ')
  if (before === null || now === null) {
    const firing = (before ?? now) as Firing
    return `${what}: ${firing.key}: ${firing.severity}, ${spanText(firing)}`
  }
  return [
    `${what}: ${now.key}`,
    `  before: ${before.severity}, ${spanText(before)}`,
    `  now:    ${now.severity}, ${spanText(now)}`,
  ].join('\n')
}

/** A row for each receiver. */
export function receiversText(receivers: readonly ReceiverCounts[]): string {
  const rows = receivers.map(({ receiver, sent, held }) => [
    receiver,
    ...shownKinds.map((kind) => sent[kind] ?? 0),
    held,
  ])
  return textTable(['receiver', ...shownKinds, 'held'], rows)
}

/** `3 alerts would have fired (error-share 2, full-disk 1), 1 of them still fires at the end`. */
export function totalText(firings: readonly Firing[], countsByRule: ReadonlyMap<string, number>): string {
  const total = [...countsByRule.values()].reduce((sum, count) => sum + count, 0)
  if (total === 0) return 'no alert would have fired'
  const rules = [...countsByRule].map(([rule, count]) => `${rule} ${count}`).join(', ')
  const open = firings.filter(({ endMs }) => endMs === null).length
  const still = open === 0 ? '' : `, ${open} of them still ${open === 1 ? 'fires' : 'fire'} at the end`
  return `${counted(total, 'alert')} would have fired (${rules})${still}`
}

function spanText({ startMs, endMs }: Firing): string {
  const from = `from ${timeText(startMs)}`
  return endMs === null ? `${from}, not over` : `${from} to ${timeText(endMs)} (${lengthText(endMs - startMs)})`
}

/** `1d 2h 3m 4s`, without what is zero. */
function lengthText(lengthMs: number): string {
  const seconds = Math.round(lengthMs / 1000)
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const
  const shown = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count}${unit}`)
  return shown.length === 0 ? '0s' : shown.join(' ')
}

function numberText(value: number): string {
  return String(Number(value.toPrecision(6)))
}
