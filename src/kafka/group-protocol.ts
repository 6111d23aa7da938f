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

/**
 * Why an application that has the choice begins a group of the classic protocol; undefined where it begins one of the
 * streams protocol, if the cluster offers that.
 */
export function reasonForClassic(request: Omit<GroupProtocolRequest, 'groupId' | 'wanted'>): string | undefined {
  const missing = missingInStreams(request)
  if (missing !== undefined) return `the streams protocol does not have ${missing}`
  if (request.standbyReplicas > 0)
    return 'standbyReplicas are placed by how far behind they are, which brokers do not know'
  return request.hasLocalState ? 'tasks return to the process with their state, which brokers do not know' : undefined
}

/** What the streams protocol of Kafka 4.3 does not have, in the words of the settings; undefined where all is there. */
export function missingInStreams({
  hasInstanceId,
  hasPatterns,
}: Pick<GroupProtocolRequest, 'hasInstanceId' | 'hasPatterns'>): string | undefined {
  if (hasInstanceId) return 'static members (groupInstanceId)'
  return hasPatterns ? 'sources that read topics by a pattern' : undefined
}
