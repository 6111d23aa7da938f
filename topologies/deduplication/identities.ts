import { hash } from 'node:crypto'
import type { EnrichedLog } from '../enriched-log.ts'
import type { Identity } from './identified-log.ts'
import type { Occurrences } from './occurrences.ts'
import { sourcePosition } from './source-position.ts'

/** Finds out what tells a log from others. `occurrences` is undefined where its id is the only thing that does. */
export class Identities {
  readonly #occurrences: Occurrences | undefined

  constructor(occurrences: Occurrences | undefined) {
    this.#occurrences = occurrences
  }

  of(key: string | null, log: EnrichedLog): Identity | undefined {
    const occurrences = this.#occurrences
    occurrences?.advance(log.receivedMs)
    const { eventId, service, said } = log
    if (eventId) return { by: 'id', text: `${service}\n${eventId}` }
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
