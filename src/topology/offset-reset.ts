import { shown } from '../core/shown.ts'
import { illegalArgument } from './build-error.ts'

/**
 * Where a group without committed offsets starts: at the first record, after the last one, nowhere (`none`: an error),
 * or at the first record that is not older than a duration (KIP-1106; after the last one if all are older).
 */
export type OffsetResetPolicy =
  | 'earliest'
  | 'latest'
  | 'none'
  | {
      /** How far back from now to start, in milliseconds. */
      readonly durationMs: number
    }

/** Describes the fault of a policy, as the end of a sentence; undefined: it has none. */
export function offsetResetFault(policy: unknown): string | undefined {
  if (policy === undefined || policy === 'earliest' || policy === 'latest' || policy === 'none') return undefined
  if (typeof policy !== 'object' || policy === null || !('durationMs' in policy)) {
    const given = typeof policy === 'string' ? JSON.stringify(policy) : shown(policy)
    return `offsetReset is ${given}: it must be one of earliest, latest, none, or { durationMs }`
  }
  const { durationMs } = policy
  if (Number.isSafeInteger(durationMs) && (durationMs as number) >= 0) return undefined
  return `durationMs of offsetReset is ${shown(durationMs)}: it must be a whole number of milliseconds, at least 0`
}

/** A source's policy; throws ILLEGAL_ARGUMENT for what is none. */
export function checkOffsetReset(policy: OffsetResetPolicy | undefined): OffsetResetPolicy | undefined {
  const fault = offsetResetFault(policy)
  if (fault !== undefined) throw illegalArgument(fault)
  return frozenOffsetReset(policy)
}

/** A copy: the object of the user may change. */
export function frozenOffsetReset<Policy extends OffsetResetPolicy | undefined>(policy: Policy): Policy {
  return typeof policy === 'object' ? Object.freeze({ ...policy }) : policy
}

/** Whether two sources of one topic start at the same record. */
export function sameOffsetReset(left: OffsetResetPolicy | undefined, right: OffsetResetPolicy | undefined): boolean {
  if (typeof left !== 'object' || typeof right !== 'object') return left === right
  return left.durationMs === right.durationMs
}
