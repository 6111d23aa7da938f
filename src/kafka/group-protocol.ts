/**
 * - `classic`: a member decides who gets which task, and the application makes its internal topics
 * - `streams` (KIP-1071): the cluster decides, and makes the internal topics of the topology that members send it
 */
export type GroupProtocol = 'classic' | 'streams'

/** What the choice of a protocol depends on. */
export interface GroupProtocolRequest {
  readonly groupId: string
  /**
   * `auto`: the protocol of the members that the group has; for a group without members `streams`, where the cluster
   * offers it and nothing below needs `classic`.
   */
  readonly wanted: 'auto' | GroupProtocol
  /** Members are static. */
  readonly hasInstanceId: boolean
  /** Sources read topics by a pattern. */
  readonly hasPatterns: boolean
  /** State is kept over a restart, so that tasks should come back to it. */
  readonly hasLocalState: boolean
  readonly standbyReplicas: number
}
