import type { GroupMemberOptions } from '../../port.ts'

/** Who asks: what every request of a member carries. */
export interface MemberIdentity {
  readonly memberId: string
  readonly generation: number
}

/** The settings of a member that its requests carry in addition. */
export type RequestingMember = Pick<
  GroupMemberOptions,
  'clientId' | 'groupId' | 'instanceId' | 'sessionTimeoutMs' | 'rebalanceTimeoutMs'
>

/**
 * The requests that keep a member in its group and end its membership, whatever protocol the group speaks. The member
 * sends them, and the heartbeat thread while the event loop is blocked. All but `forgetCoordinator` reject with an error
 * whose code is that of the coordinator's answer.
 */
export interface MemberRequests {
  /** The node that coordinates the group; looked up when it is not known. */
  coordinator(timeoutMs?: number): Promise<number>
  /** The next `coordinator` looks it up again, unless another one is known by now. */
  forgetCoordinator(coordinator: number): void
  /**
   * Says that the member is alive, and returns as whom it does so from now on; rejects with REBALANCE_IN_PROGRESS when
   * it has to join again.
   */
  heartbeat(coordinator: number, member: MemberIdentity, timeoutMs: number): Promise<MemberIdentity>
  /** Ends the membership at once, instead of after its session timeout. */
  leave(coordinator: number, memberId: string, reason: string, timeoutMs: number): Promise<void>
}
