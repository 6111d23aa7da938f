import { randomUUID } from 'node:crypto'
import type { Clock } from '../../core/clock.ts'
import { errorMessage, MillraceError } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import { type AuditRecord, AuditTopic } from '../../kafka/audit-topic.ts'
import type { KafkaDriver } from '../../kafka/port.ts'
import type { Role } from './roles.ts'

/** Who asks for what; the same `id` in all entries about it. */
export interface Access {
  readonly id: string
  readonly user: string
  /** Undefined: there are none. */
  readonly roles: readonly Role[] | undefined
  /** The network address. */
  readonly from: string
  /** `X-Forwarded-For`, which a proxy has written; without one, anybody may have. */
  readonly via?: string
  readonly path: string
}

/** What became of it. */
export type AccessEvent =
  | 'opened'
  | 'closed'
  | 'refused'
  | 'export begun'
  | 'exported'
  | 'tap begun'
  | 'tapped'
  | 'numbers read'
  | 'alerts shown'
  | 'alert verb begun'
  | 'alert verb done'
  | 'alert verb failed'

/** An entry of the audit topic. */
interface AccessEntry extends AuditRecord, Access {
  readonly event: AccessEvent
}

/** A new one. */
export function accessId(): string {
  return randomUUID()
}

/** Writes each access to the log of the process, and to the audit topic where there is one. */
export class AccessLog {
  /** Entries that could not be written to the audit topic. */
  entriesLost = 0
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #audit: AuditTopic<AccessEntry> | undefined

  private constructor({ logger, clock }: World, audit: AuditTopic<AccessEntry> | undefined) {
    this.#logger = logger
    this.#clock = clock
    this.#audit = audit
  }

  /** Rejects with AUDIT_FAILED where the topic cannot be written to. */
  static async open(kafka: KafkaDriver, topic: string | undefined, world: World): Promise<AccessLog> {
    if (topic === undefined) return new AccessLog(world, undefined)
    try {
      return new AccessLog(world, await AuditTopic.open<AccessEntry>(kafka, topic, world.clock))
    } catch (cause) {
      const text = `the audit topic ${topic} of the live tail cannot be written to (${errorMessage(cause)}): check its name and rights`
      throw new MillraceError('AUDIT_FAILED', 'fatal', text, { cause })
    }
  }

  /** Before somebody sees a line. Resolves with false where it could not be recorded: nothing may be shown then. */
  async begin(event: AccessEvent, access: Access, details: Readonly<Record<string, unknown>>): Promise<boolean> {
    this.#tell(event, access, details)
    return this.#write(event, access, details)
  }

  /** What has happened already. */
  record(event: AccessEvent, access: Access, details: Readonly<Record<string, unknown>>): void {
    this.#tell(event, access, details)
    void this.#write(event, access, details)
  }

  /** Resolves when all entries are written, or lost. */
  async close(): Promise<void> {
    await this.#audit?.close()
  }

  #tell(
    event: AccessEvent,
    { user, roles, from, via, path }: Access,
    details: Readonly<Record<string, unknown>>,
  ): void {
    const access = { user, ...(roles !== undefined && { roles }), from, ...(via !== undefined && { via }), path }
    this.#logger.info({ ...access, ...details }, `live tail ${event}`)
  }

  async #write(event: AccessEvent, access: Access, details: Readonly<Record<string, unknown>>): Promise<boolean> {
    try {
      await this.#audit?.write({ ...access, event, timeMs: this.#clock.nowMs(), ...details })
      return true
    } catch (error) {
      this.entriesLost++
      const fields = { error: errorMessage(error), event, access: access.id, entriesLost: this.entriesLost }
      this.#logger.warn(fields, 'an entry about the live tail is not in the audit topic')
      return false
    }
  }
}

interface World {
  readonly logger: Logger
  readonly clock: Clock
}
