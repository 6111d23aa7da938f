import { counted } from '../../core/counted.ts'
import type { RecordText } from '../../replay/contents.ts'
import type { ReplayPlan } from '../../replay/plan.ts'
import type { ReplayStatus } from '../../replay/replay-status.ts'
import type { Verification } from '../../replay/verify.ts'
import { textTable } from '../text-table.ts'

/** A plan for a person: what is read, what is written, what it will take. */
export function planText(plan: ReplayPlan): string {
  const { range, warmUpMs, runOnMs, partitions, outputs, estimate, warnings } = plan
  const inputs = partitions.map(({ topic, partition, startOffset, endOffset, startRule, endRule }) => [
    topic,
    partition,
    startOffset,
    startRule,
    endOffset,
    endRule,
    endOffset - startOffset,
  ])
  const lines = [
    `range: ${timeText(range.fromMs, 'the first record')} to ${timeText(range.toMs, 'the last record')}`,
    `warm-up: ${warmUpMs === 'everything' ? warmUpMs : `${warmUpMs} ms`}, read on: ${runOnMs} ms`,
    `records: ${estimate.records}, bytes: ${estimate.bytes ?? 'unknown'}, duration: ${durationText(estimate.durationMs)}`,
    ...(estimate.indices === 0
      ? []
      : [`indices: ${estimate.indices ?? 'unknown'}, primary shards: ${estimate.shards ?? 'unknown'}`]),
    ...warnings.map((warning) => `warning: ${warning}`),
  ]
  return [
    textTable(['topic', 'partition', 'start', 'by', 'end', 'by', 'records'], inputs),
    textTable(
      ['output', 'name', 'class', 'action', 'target'],
      outputs.map(({ node, name, outputClass, action, target }) => [node, name, outputClass, action, target || '-']),
    ),
    `${lines.join('\n')}\n`,
  ].join('\n')
}

/** One line: how far it is, and who works on it. Of an aborted one, nobody knows any more how far it was. */
export function statusText({ id, state, done, total, leftMs, processes }: ReplayStatus): string {
  if (state === 'aborted') return `${id}: aborted\n`
  const share = total === 0 ? 100 : Math.floor((done * 100) / total)
  const left = state === 'running' ? `, time left: ${durationText(leftMs)}` : ''
  const present = state === 'running' || state === 'paused' ? `, processes: ${processes}` : ''
  return `${id}: ${state}, ${done} of ${counted(total, 'record')} (${share} %)${present}${left}\n`
}

/** What was read and written, compared with the live application. */
export function verificationText({ partitions, outputs, isEqual }: Verification): string {
  const read = partitions.map(({ topic, partition, done, total }) => [topic, partition, total, done])
  const written = outputs.map(({ name, action, comparison }) => [
    name,
    action,
    comparison?.live.records,
    comparison?.replay.records,
    comparison?.replay.repeated,
    comparison?.equal,
    comparison?.fewer,
    comparison?.onlyLive,
    comparison?.onlyReplay,
  ])
  const cached = outputs.filter(({ comparison }) => comparison?.isLastOfKey === true)
  const samples = outputs.flatMap(({ comparison }) => comparison?.samples ?? [])
  return [
    textTable(['topic', 'partition', 'planned', 'read'], read),
    textTable(
      ['output', 'action', 'live', 'replay', 'repeated', 'equal', 'fewer', 'only live', 'only replay'],
      written,
    ),
    [
      ...cached.map(
        ({ name }) => `${name}: only the last record of each key is compared, because of its record cache\n`,
      ),
      ...samples.map(sampleText),
    ].join(''),
    isEqual ? 'equal\n' : 'different\n',
  ]
    .filter((part) => part !== '')
    .join('\n')
}

function sampleText({ place, key, value, timestamp }: RecordText): string {
  const time = timestamp === undefined ? '' : `${timeText(timestamp, '')} `
  return `${time}${place} ${key === null ? '' : `${key}: `}${value}\n`
}

function timeText(timeMs: number | undefined, otherwise: string): string {
  return timeMs === undefined ? otherwise : new Date(timeMs).toISOString()
}

function durationText(durationMs: number | undefined): string {
  if (durationMs === undefined) return 'unknown'
  const seconds = Math.ceil(durationMs / 1000)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)]
  if (hours > 0) return `${hours} h ${minutes} min`
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`
}
