import { systemClock } from '../core/clock.ts'
import { errorCode, errorMessage, MillraceError } from '../core/errors.ts'
import { AuditTopic } from '../kafka/audit-topic.ts'
import type { KafkaDriver } from '../kafka/port.ts'

/** One command that changes something. Two entries with the same `id`: before the change, and after it. */
export interface AuditEntry {
  readonly id: string
  readonly timeMs: number
  readonly user: string
  /** The command line without options that could be secret. */
  readonly command: string
  readonly state: 'planned' | 'done' | 'failed'
  /** What is to be changed, as the command's plan shows it. */
  readonly plan: unknown
  /** What was changed, or the error. */
  readonly result?: unknown
}

/** A change with what is recorded about it. */
export interface Change<Result> {
  readonly command: string
  readonly plan: unknown
  /** Makes the change; its result is recorded. */
  readonly apply: () => Promise<Result>
}

/**
 * Makes a change between two entries of the audit topic. Nothing is changed when the first entry cannot be written:
 * rejects with AUDIT_FAILED.
 */
export async function audited<Result>(
  { kafka, topic, user }: { kafka: KafkaDriver; topic: string; user: string },
  { command, plan, apply }: Change<Result>,
): Promise<Result> {
  const id = crypto.randomUUID()
  const writer = await AuditTopic.open<AuditEntry>(kafka, topic).catch((cause: unknown) => {
    throw failed(topic, 'nothing was changed', cause)
  })
  const write = (state: AuditEntry['state'], result?: unknown) =>
    writer.write({ id, timeMs: systemClock.nowMs(), user, command, state, plan, result })
  try {
    await write('planned').catch((cause: unknown) => {
      throw failed(topic, 'nothing was changed', cause)
    })
    let result: Result
    try {
      result = await apply()
    } catch (error) {
      await write('failed', { code: errorCode(error), error: errorMessage(error) }).catch(() => {})
      throw error
    }
    await write('done', result).catch((cause: unknown) => {
      throw failed(topic, 'the change was made; only its result is not recorded', cause)
    })
    return result
  } finally {
    await writer.close()
  }
}

function failed(topic: string, consequence: string, cause: unknown): MillraceError {
  const text = `topic ${topic} (AUDIT_TOPIC) does not take the audit entry (${errorMessage(cause)}): ${consequence}`
  return new MillraceError('AUDIT_FAILED', 'fatal', text, { cause })
}
