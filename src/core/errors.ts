import type { ErrorCode } from './error-codes/catalog.ts'
import type { ErrorConsequence } from './error-codes/row.ts'

export type { ErrorCode, ErrorConsequence }

/** Where an error occurred, and other values that belong to it. */
export interface ErrorDetails {
  /** The task that failed, such as `0_3`. */
  readonly taskId?: string | undefined
  /** The topic that the error is about. */
  readonly topic?: string | undefined
  /** The partition that the error is about. */
  readonly partition?: number | undefined
  /** The offset of the record that the error is about. */
  readonly offset?: number | undefined
  /** The name of the node that failed. */
  readonly operator?: string | undefined
  readonly [name: string]: unknown
}

export interface MillraceErrorOptions {
  readonly cause?: unknown
  readonly details?: ErrorDetails
}

/**
 * The one error class. Match it by `code` or `consequence`, never by `instanceof`: realms differ under test
 * runners. A message is a sentence that names the field or operator, the value and the fix. It ends in the
 * code; docs/errors.md explains each code. It never carries a secret.
 *
 * Name your own codes in the type parameter: `new MillraceError<'NEGATIVE'>('NEGATIVE', 'record', 'the amount is -1')`.
 */
export class MillraceError<Code extends string = ErrorCode> extends Error {
  /** Always `MillraceError`: distinguishes these errors from others, across realms. */
  override readonly name = 'MillraceError'
  /** What happened; docs/errors.md lists every code and what to do. */
  readonly code: Code
  /** What the runtime does about it, such as skip the record, retry, or stop the thread. */
  readonly consequence: ErrorConsequence
  /** Where it happened, as far as it is known; empty by default. */
  readonly details: ErrorDetails

  /**
   * The code is not inferred from the argument: a code that is neither in the catalog nor in the type does not compile.
   */
  constructor(code: NoInfer<Code>, consequence: ErrorConsequence, message: string, options: MillraceErrorOptions = {}) {
    super(endingIn(code, message), options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.consequence = consequence
    this.details = options.details ?? {}
  }
}

/** Once, where a message is handed on under its code; a cause within the sentence keeps its own. */
function endingIn(code: string, message: string): string {
  const ending = ` [${code}]`
  return message.endsWith(ending) ? message : message + ending
}

/** The `code` of any error-like value; undefined where there is none. */
export function errorCode(error: unknown): string | undefined {
  const code = memberOf(error, 'code')
  return typeof code === 'string' ? code : undefined
}

/** An error that says itself what is to be done about it. */
export function isMillraceError(error: unknown): error is MillraceError<string> {
  return memberOf(error, 'name') === 'MillraceError' && typeof memberOf(error, 'consequence') === 'string'
}

/** A cause may be its own. */
const causesMax = 10

const consequences: ReadonlySet<unknown> = new Set<ErrorConsequence>([
  'record',
  'task-corrupted',
  'transaction-aborted',
  'task-migrated',
  'retriable',
  'fatal',
])

/** The consequence of any error-like value; undefined where nobody classified it, or with a word of another meaning. */
export function knownConsequenceOf(error: unknown): ErrorConsequence | undefined {
  const consequence = memberOf(error, 'consequence')
  return consequences.has(consequence) ? (consequence as ErrorConsequence) : undefined
}

/** The consequence of any error-like value; an error nobody classified is fatal. */
export function consequenceOf(error: unknown): ErrorConsequence {
  return knownConsequenceOf(error) ?? 'fatal'
}

/** The message of any thrown value. */
export function errorMessage(error: unknown): string {
  const message = memberOf(error, 'message')
  if (typeof message === 'string') return message
  try {
    return String(error)
  } catch {
    return `a thrown ${typeof error} that cannot be shown`
  }
}

/**
 * Where a program threw it: the first place in the stack of its innermost cause; undefined for a MillraceError, whose
 * sentence says more.
 */
export function thrownAt(error: unknown): string | undefined {
  let innermost = error
  for (let depth = 0; depth < causesMax && memberOf(innermost, 'cause') !== undefined; depth++)
    innermost = memberOf(innermost, 'cause')
  const stack = memberOf(innermost, 'stack')
  if (isMillraceError(innermost) || typeof stack !== 'string') return undefined
  return stack
    .split('\n')
    .find((line) => /^\s+at /.test(line))
    ?.trim()
}

/** Anything may be thrown: what has no members, and what throws again when it is looked at. */
function memberOf(error: unknown, name: string): unknown {
  try {
    return (error as Readonly<Record<string, unknown>> | null | undefined)?.[name]
  } catch {
    return undefined
  }
}
