/** What a person can ask for about a group of alerts. */
export const alertRequestKinds = ['escalate', 'incident'] as const
/** One of `alertRequestKinds`. */
export type AlertRequestKind = (typeof alertRequestKinds)[number]

/**
 * Somebody asks for help, or for an incident. It is JSON: a record of the topic of acknowledgements, whose key is the
 * `dedupKey`. It has no `author`, so that a worker of an earlier version refuses it, and takes it for nothing else.
 */
export interface AlertRequest {
  /** What is asked for. */
  readonly request: AlertRequestKind
  /** Of the notices. */
  readonly dedupKey: string
  /** Who asks. */
  readonly by: string
  /** Epoch milliseconds. */
  readonly timeMs: number
}
