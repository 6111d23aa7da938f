import type { Sight } from './line-view.ts'
import type { TailFilter } from './tail-filter.ts'

/** Where a viewer begins: with what is new, with a time of the past, or behind what it had. */
export type ViewerStart = 'live' | { readonly timestampMs: number } | { readonly place: string }

/** What a viewer is to see. */
export interface ViewerRequest {
  readonly filter: TailFilter
  readonly start: ViewerStart
  readonly sight: Sight
  /** False: its connection is ended at the next heartbeat. */
  readonly isWelcome: () => boolean
}
