import type { GroupMemberOptions } from '../../port.ts'
import type { ClusterConfig } from '../connection/cluster-options.ts'
import type { MemberIdentity, RequestingMember } from './member-requests.ts'
import type { MemberTasks } from './streams/task-lists.ts'
import type { PasswordSaslOptions, TokenSaslOptions } from '../connection/sasl.ts'

/** Another thread hears of a member what its heartbeats say, and how long it may be silent. */
export interface KeptMember extends MemberIdentity, RequestingMember, Pick<GroupMemberOptions, 'heartbeatIntervalMs'> {
  /** What it has, as a streams group wants to hear with its heartbeats. undefined: a member of a classic group. */
  readonly tasks?: MemberTasks | undefined
  /** How it joins again; undefined: a member of a streams group, or one that is not to do that now. */
  readonly join?: KeptJoin | undefined
}

/** What another thread needs to join a classic group in place of a member. */
export interface KeptJoin {
  /** The member's state as it was last. */
  readonly subscription: Uint8Array
  /** For a member that the coordinator makes the leader. */
  readonly options: Omit<GroupMemberOptions, 'taskLags' | 'taskPositions' | 'onRebalance'>
}

/** A member that has joined again in place of its event loop, and what the leader of its group has assigned to it. */
export interface RejoinedMember extends MemberIdentity {
  readonly assignment: Uint8Array
  /** It was the leader itself. */
  readonly hasLed: boolean
}

/** Told by the event loop again and again, so that silence says that it is held. */
export interface KeepaliveNews {
  readonly members: readonly KeptMember[]
  /** The last one that a broker accepted; '' for none. A callback cannot be asked from another thread. */
  readonly token: string
  /** It comes after a silence: the thread is to report, also where it had nothing to do. */
  readonly isLate: boolean
}

/** Sent by the thread after it has replaced the event loop. */
export interface KeepaliveReport {
  readonly heldMs: number
  /** Those that the group accepted. */
  readonly heartbeats: number
  /** The reason of the last heartbeat that was not accepted. */
  readonly failure: string | undefined
  /** The last join of each member that has joined again. */
  readonly rejoined: readonly RejoinedMember[]
  /** The ids of members whose join was still waiting for others. */
  readonly joining: readonly string[]
}

/** How to reach the cluster, without what cannot go to another thread. */
export interface PlainClusterConfig extends Omit<ClusterConfig, 'tokens' | 'clock' | 'logger' | 'sasl'> {
  readonly sasl: PasswordSaslOptions | Omit<TokenSaslOptions, 'token'> | undefined
}
