import { isRebalanceCause, type Rebalance } from '../../../rebalance.ts'
import type { TaskId } from '../../../port.ts'
import { Reader } from '../../protocol/reader.ts'
import { Writer } from '../../protocol/writer.ts'

/** The state that a member reports to the leader when it joins. */
export interface MemberState {
  readonly processId: string
  /** Members with another topology cannot run each other's tasks. */
  readonly topologyHash: string
  /** Generation in which it got its tasks; -1 when it holds none. Of two that claim a task the later one has it. */
  readonly generation: number
  readonly active: readonly TaskId[]
  readonly standby: readonly TaskId[]
  /** Tasks that are open in its process, by task id text, with their lag in records. */
  readonly lags: ReadonlyMap<string, number>
  /** `host:port` of its process for queries; '' where it answers none. */
  readonly applicationServer: string
  /** How far the state of tasks on its disk is, by task id text: sums of changelog offsets. */
  readonly positions: ReadonlyMap<string, number>
  /** Where its process is. */
  readonly tags: Readonly<Record<string, string>>
  /** It wants all members of the group to stop. */
  readonly asksForShutdown: boolean
  /** Why it joins, as a `RebalanceCause`; '' where it only follows the others. */
  readonly cause: string
}

/** The assignment that the leader sends to a member. */
export interface MemberAssignment {
  readonly active: readonly TaskId[]
  readonly standby: readonly TaskId[]
  /** Those of the standby tasks that become active here: the member joins again once they have caught up. */
  readonly warmup: readonly TaskId[]
  /** Another member waits for what this one has to give back: it joins again once it has. */
  readonly rejoinAfterRevocation: boolean
  /** '' or the code of why the group cannot run, with its sentence. */
  readonly errorCode: string
  readonly errorMessage: string
  /**
   * Of the member that the leader decided for; '' from a leader that does not send it. A broker may hand a static
   * member that comes back what was decided for it before.
   */
  readonly topologyHash: string
  /** Why the group has joined again; undefined from a leader that does not send it. */
  readonly rebalance: Rebalance | undefined
}

/**
 * Layout 1, in the types of Kafka's protocol. A member: version int8, processId string, topologyHash string, generation
 * int32, active and standby tasks as arrays of (subtopology int32, partition int32), lags as an array of (task string,
 * lag int64), applicationServer string, positions as lags, tags as an array of (name string, value string),
 * asksForShutdown bool, cause string. An assignment: version int8, active and standby, rejoinAfterRevocation bool,
 * errorCode string, errorMessage string, topologyHash string, warmup tasks, cause and detail of the rebalance as
 * strings. Older members do not send what follows lags, older leaders not what follows errorMessage.
 */
const layoutVersion = 1

/** The bytes of a member's state, in the layout above. */
export function encodeMemberState(state: MemberState): Uint8Array {
  const writer = new Writer()
  writer.int8(layoutVersion)
  writer.string(state.processId)
  writer.string(state.topologyHash)
  writer.int32(state.generation)
  writer.array(state.active, writeTask, layoutVersion)
  writer.array(state.standby, writeTask, layoutVersion)
  writer.array([...state.lags], writeLag, layoutVersion)
  writer.string(state.applicationServer)
  writer.array([...state.positions], writeLag, layoutVersion)
  writer.array(Object.entries(state.tags), writeTag, layoutVersion)
  writer.bool(state.asksForShutdown)
  writer.string(state.cause)
  return writer.finish()
}

/** undefined for bytes of another client or of a layout that we do not know. */
export function decodeMemberState(bytes: Uint8Array | null): MemberState | undefined {
  const reader = readerOf(bytes)
  if (reader === undefined) return undefined
  const processId = reader.string()
  const topologyHash = reader.string()
  const generation = reader.int32()
  const active = reader.array(readTask, layoutVersion)
  const standby = reader.array(readTask, layoutVersion)
  const lags = new Map(reader.array(readLag, layoutVersion))
  const applicationServer = reader.remaining > 0 ? reader.string() : ''
  const positions = new Map(reader.remaining > 0 ? reader.array(readLag, layoutVersion) : [])
  const tags = Object.fromEntries(reader.remaining > 0 ? reader.array(readTag, layoutVersion) : [])
  const asksForShutdown = reader.remaining > 0 && reader.bool()
  const cause = reader.remaining > 0 ? reader.string() : ''
  const held = { generation, active, standby, lags, positions }
  return { processId, topologyHash, ...held, applicationServer, tags, asksForShutdown, cause }
}

/** The bytes of an assignment, in the layout above. */
export function encodeMemberAssignment(assignment: MemberAssignment): Uint8Array {
  const writer = new Writer()
  writer.int8(layoutVersion)
  writer.array(assignment.active, writeTask, layoutVersion)
  writer.array(assignment.standby, writeTask, layoutVersion)
  writer.bool(assignment.rejoinAfterRevocation)
  writer.string(assignment.errorCode)
  writer.string(assignment.errorMessage)
  writer.string(assignment.topologyHash)
  writer.array(assignment.warmup, writeTask, layoutVersion)
  writer.string(assignment.rebalance?.cause ?? '')
  writer.string(assignment.rebalance?.detail ?? '')
  return writer.finish()
}

/** undefined for bytes of another client or of a layout that we do not know. */
export function decodeMemberAssignment(bytes: Uint8Array | null): MemberAssignment | undefined {
  const reader = readerOf(bytes)
  if (reader === undefined) return undefined
  const active = reader.array(readTask, layoutVersion)
  const standby = reader.array(readTask, layoutVersion)
  const rejoinAfterRevocation = reader.bool()
  const errorCode = reader.string()
  const errorMessage = reader.string()
  const topologyHash = reader.remaining > 0 ? reader.string() : ''
  const warmup = reader.remaining > 0 ? reader.array(readTask, layoutVersion) : []
  const cause = reader.remaining > 0 ? reader.string() : ''
  const detail = reader.remaining > 0 ? reader.string() : ''
  const rebalance = isRebalanceCause(cause) ? { cause, detail } : undefined
  return { active, standby, warmup, rejoinAfterRevocation, errorCode, errorMessage, topologyHash, rebalance }
}

function readerOf(bytes: Uint8Array | null): Reader | undefined {
  if (bytes === null || bytes[0] !== layoutVersion) return undefined
  return new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), 1)
}

function writeTask(writer: Writer, _version: number, { subtopology, partition }: TaskId): void {
  writer.int32(subtopology)
  writer.int32(partition)
}

function readTask(reader: Reader): TaskId {
  return { subtopology: reader.int32(), partition: reader.int32() }
}

function writeLag(writer: Writer, _version: number, [task, lag]: readonly [string, number]): void {
  writer.string(task)
  writer.int64(lag)
}

function readLag(reader: Reader): [string, number] {
  return [reader.string(), reader.int64()]
}

function writeTag(writer: Writer, _version: number, [name, value]: readonly [string, string]): void {
  writer.string(name)
  writer.string(value)
}

function readTag(reader: Reader): [string, string] {
  return [reader.string(), reader.string()]
}
