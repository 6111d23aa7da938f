/** What a stream does now. */
export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  /** The connection was lost, and is tried again. */
  | { readonly kind: 'waiting'; readonly reason: string; readonly retryMs: number }
  /** The view is full while somebody reads it: the stream continues from there later. */
  | { readonly kind: 'held' }
  | RefusedState
  /** The time window of the filter is over. */
  | { readonly kind: 'ended' }

/** The server says no, and why. */
export interface RefusedState {
  readonly kind: 'refused'
  readonly status: number
  readonly reason: string
  /** The limit that was reached. */
  readonly limit?: string | undefined
  /** Who can raise it. */
  readonly owner?: string | undefined
}

/** Lines that the server did not send, by reason. */
export interface NotShown {
  readonly rate: number
  readonly filter: number
  readonly buffer: number
}

export const nothingHidden: NotShown = Object.freeze({ rate: 0, filter: 0, buffer: 0 })

export function sumOf(left: NotShown, right: NotShown): NotShown {
  return { rate: left.rate + right.rate, filter: left.filter + right.filter, buffer: left.buffer + right.buffer }
}

/** The state in a sentence. */
export function stateInWords(state: ConnectionState): string {
  switch (state.kind) {
    case 'connecting':
      return 'Connecting'
    case 'open':
      return 'Live'
    case 'waiting':
      return `Connection lost (${state.reason}), next attempt in ${Math.ceil(state.retryMs / 1000)} s`
    case 'held':
      return 'Paused: the stream continues here when you resume'
    case 'refused':
      return refusalInWords(state)
    case 'ended':
      return 'Ended: the time window is over'
  }
}

function refusalInWords({ status, reason, limit, owner }: RefusedState): string {
  const whose = owner === undefined ? '' : `, owner: ${owner}`
  return `Refused (${status}): ${reason}${limit === undefined ? '' : ` (limit ${limit}${whose})`}`
}
