// Checked by the compiler alone: each @ts-expect-error must be one, and everything else must not be.
import { type ErrorCode, MillraceError } from '../../src/index.ts'

export const ours: readonly MillraceError[] = [
  new MillraceError('STORE_NOT_FOUND', 'fatal', 'a code of the catalog'),
  new MillraceError('NOT_LEADER_OR_FOLLOWER', 'retriable', 'a name of Kafka’s'),
  new MillraceError('KAFKA_ERROR_999', 'fatal', 'an error that Kafka added later'),
  // @ts-expect-error the code is not in the catalog
  new MillraceError('STORE_NOT_FUOND', 'fatal', 'a slip of the pen'),
]

export function thrown(): never {
  // @ts-expect-error a code that is thrown is not in the catalog either
  throw new MillraceError('NEGATIVE', 'record', 'nobody declared it')
}

export function compared(error: MillraceError, code: ErrorCode): boolean {
  // @ts-expect-error no error of ours has this code
  return error.code === 'STORE_NOT_FUOND' || code === 'RECORD_FAILED'
}

type PaymentFault = 'NEGATIVE' | 'TOO_LARGE'

export const ownCodes: readonly MillraceError<PaymentFault>[] = [
  new MillraceError<PaymentFault>('NEGATIVE', 'record', 'a code of the user’s own'),
  // @ts-expect-error the user did not declare this one
  new MillraceError<PaymentFault>('NEGATVE', 'record', 'a slip of the pen'),
]

/** Any of them is an error with some code. */
export const received: readonly MillraceError<string>[] = [...ours, ...ownCodes]
