import type { FailedLogin } from '../src/pipelines/index.ts'

/** Failed logins from one source in one window. Plain data, kept in a store. */
export interface Attempts {
  /** Those whose connections are no longer kept apart, or that have none. */
  readonly counted: number
  /** Refusals by connection, the latest ones: a connection is one attempt at least. */
  readonly connections: Readonly<Record<string, number>>
}

/** Connections that are kept apart; lines of one stand close together. */
const connectionsMost = 64

export function noAttempts(): Attempts {
  return { counted: 0, connections: {} }
}

/** An attempt counts once, however many lines tell of it. */
export function countAttempt({ counted, connections }: Attempts, { connection, count }: FailedLogin): Attempts {
  if (connection === undefined) return { counted: counted + count, connections }
  const { [connection]: refusals = 0, ...others } = connections
  const [oldest] = Object.keys(others)
  if (oldest === undefined || Object.keys(others).length < connectionsMost) {
    return { counted, connections: { ...others, [connection]: refusals + count } }
  }
  const { [oldest]: oldestRefusals = 0, ...kept } = others
  return { counted: counted + Math.max(1, oldestRefusals), connections: { ...kept, [connection]: refusals + count } }
}

export function totalOf({ counted, connections }: Attempts): number {
  return Object.values(connections).reduce((sum, refusals) => sum + Math.max(1, refusals), counted)
}
