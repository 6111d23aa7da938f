import type { TopicPartition } from '../../kafka/port.ts'
import type { StoreSpec } from '../../stores/store-spec.ts'

/** How far a task had read one of its inputs. */
export interface ReadInput extends TopicPartition {
  /** The next offset. */
  readonly offset: number
  /** The highest record time of the partition; -1: none was read. */
  readonly timeMs: number
}

/** The stream clocks of a task were moved by the wall clock, while all of its input was read. */
export interface IdleClosing {
  /** Such as `0_1`. */
  readonly task: string
  /** Counts the closings of the task, from 1. A number that is written again replaces what was written before. */
  readonly number: number
  readonly advancedMs: number
  readonly inputs: readonly ReadInput[]
  /** The membership that wrote it: what a membership writes after the next one has begun does not count. */
  readonly writer: string
}

/** The committed state of a task under which the number of its last closing is kept. */
export const closingsKey = 'idle/closings'
/** The same for the time that its clocks were moved since: nothing was due, and no record has come yet. */
export const pendingKey = 'idle/pending'

/** Stores of operators that close something when stream time passes. */
const closingKinds: ReadonlySet<StoreSpec['kind']> = new Set([
  'window',
  'timestamped-window',
  'session',
  'suppress-buffer',
  'outer-join-rows',
])

/** Whether anything can close on idle input: the option is set, and one of the stores is of such an operator. */
export function closesOnIdle(
  { windowIdleMs }: { readonly windowIdleMs: number },
  stores: Iterable<StoreSpec>,
): boolean {
  return windowIdleMs > 0 && Array.from(stores).some(({ kind }) => closingKinds.has(kind))
}

/** `<application id>-idle-closings`: there only where `closesOnIdle`. One partition, kept until somebody deletes it. */
export function idleClosingsTopic(applicationId: string): string {
  return `${applicationId}-idle-closings`
}

export function encodeIdleClosing(closing: IdleClosing): Uint8Array {
  return Buffer.from(JSON.stringify(closing))
}

export function decodeIdleClosing(bytes: Uint8Array): IdleClosing {
  return JSON.parse(Buffer.from(bytes).toString()) as IdleClosing
}
