import type { EnrichedLog } from '../enriched-log.ts'

/** What distinguishes a log from others: its id, its place in the file that it was read from, or what it says. */
export type IdentityKind = 'id' | 'position' | 'content'

export interface Identity {
  readonly by: IdentityKind
  /** The same for all deliveries of a log, and for no other log. */
  readonly text: string
}

/** A log on its way through the operator that drops duplicates. */
export class IdentifiedLog {
  readonly log: EnrichedLog
  /** Undefined: nothing tells this log from another one that says the same. */
  readonly identity: Identity | undefined
  #hasPassed = false

  constructor(log: EnrichedLog, identity: Identity | undefined) {
    this.log = log
    this.identity = identity
  }

  /** The log, behind the operator. */
  pass(): EnrichedLog {
    this.#hasPassed = true
    return this.log
  }

  get hasPassed(): boolean {
    return this.#hasPassed
  }
}
