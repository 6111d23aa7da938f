import type { PipelineExample } from './definition.ts'
import { each, PipelineMistake } from './mistake.ts'
import { isoMs } from './time/iso-time.ts'

const usualReceivedAt = '2026-11-24T08:00:00Z'

/** When Kafka received the record of an example, epoch milliseconds; NaN where its text is no time. */
export function receivedMsOf({ receivedAt = usualReceivedAt }: Pick<PipelineExample, 'receivedAt'>): number {
  return isoMs(receivedAt, 0, receivedAt.length, { receivedMs: 0 })
}

/** Throws a PipelineMistake for each `receivedAt` that is no time, such as one on the 31st of February. */
export function checkTimes(examples: readonly Pick<PipelineExample, 'receivedAt'>[]): void {
  each(examples, (example, index) => {
    if (!Number.isNaN(receivedMsOf(example))) return
    const fix = 'write a time in ISO 8601, such as 2026-11-24T08:00:00Z'
    throw new PipelineMistake(`${example.receivedAt} is no time: ${fix}`, 'examples', index, 'receivedAt')
  })
}
