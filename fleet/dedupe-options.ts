import { MillraceError } from '../src/index.ts'
import type { DedupeOptions } from '../topologies/deduplication/dedupe.ts'
import type { FleetSettings } from './settings.ts'
import { topics } from './topics.ts'

/** Throws INVALID_SETTINGS where duplicates would go to a topic that the fleet reads or writes anyway. */
export function dedupeOptions({
  dedupe,
  deadLetterTopic,
}: Pick<FleetSettings, 'dedupe' | 'deadLetterTopic'>): DedupeOptions {
  const { by, ttlMs, deliveryMs, topic } = dedupe
  const isTaken = topic === deadLetterTopic || Object.values(topics).some(({ name }) => name === topic)
  if (topic !== undefined && isTaken) {
    const text = `dedupe.topic (DEDUPE_TOPIC) is '${topic}', which is another topic of the fleet: name one of its own`
    throw new MillraceError('INVALID_SETTINGS', 'fatal', text)
  }
  return { by, ttlMs, deliveryMs, topic }
}
