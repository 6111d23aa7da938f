import { hash } from 'node:crypto'
import type { EnrichedLog } from '../enriched-log.ts'
import type { Identity } from './identified-log.ts'
import type { Occurrences } from './occurrences.ts'
import { sourcePosition } from './source-position.ts'
import { looksUnique } from './unique-id.ts'

/** The time of such a log is Kafka's, which is another one when it is sent again. */
const hasNoTime = '"timeSource":"kafka"'

/** Finds out what tells a log from others. `occurrences` is undefined where only its id may. */
export class Identities {
  readonly #occurrences: Occurrences | undefined

  constructor(occurrences: Occurrences | undefined) {
    this.#occurrences = occurrences
  }

  of(key: string | null, log: EnrichedLog): Identity | undefined {
    const occurrences = this.#occurrences
    occurrences?.advance(log.receivedMs)
    const { eventId, service, said } = log
    if (eventId) {
      const text = `${service}\n${eventId}`
      if (looksUnique(eventId)) return { by: 'id', text }
      // Two events of a kind differ in what they say, in their times at least.
      if (!said.includes(hasNoTime)) return { by: 'id', text: `${text}\n${digest(said)}` }
    }
    if (occurrences === undefined) return undefined
    const position = sourcePosition(said)
    if (position !== undefined) return { by: 'position', text: `position ${digest(`${key}\n${position}`)}` }
    const content = digest(`${key}\n${said}`)
    return { by: 'content', text: `content ${content} ${occurrences.next(content)}` }
  }
}

/** Of logs and the places that they come from, not of secrets: short, and without collisions by chance. */
function digest(text: string): string {
  return hash('sha1', text, 'base64')
}
