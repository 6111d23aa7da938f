import type { Bytes } from '../../core/bytes.ts'
import type { Clock, Timer } from '../../core/clock.ts'
import { MillraceError } from '../../core/errors.ts'
import type { Headers } from '../../core/headers.ts'
import type { GroupMetadata, OffsetAndMetadata } from '../port.ts'
import type { Faults } from './faults.ts'
import type { MemoryGroup } from './group.ts'
import type { GroupOffsets } from './group-offsets.ts'
import type { PartitionLog } from './log.ts'
import type { LogTransaction } from './log-transactions.ts'

/** The part of a cluster that transactions need. */
export interface TransactionHost {
  readonly clock: Clock
  readonly faults: Faults
  log(topic: string, partition: number): PartitionLog
  append(
    topic: string,
    partition: number,
    key: Bytes | null,
    value: Bytes | null,
    timestamp: number,
    headers: Headers,
    transaction: LogTransaction,
  ): number
  group(groupId: string): MemoryGroup
}

/** Who writes under a transactional id. Only the one of the last epoch may. */
export interface ProducerIdentity {
  readonly transactionalId: string
  readonly epoch: number
}

/** What a transaction has touched. */
interface OpenTransaction {
  readonly logs: Map<PartitionLog, LogTransaction>
  readonly groups: Set<GroupOffsets>
  readonly timer: Timer
}

/** The markers of a decided transaction that are not written yet. */
interface Ending {
  readonly steps: (() => void)[]
  timer: Timer | undefined
}

interface IdState {
  epoch: number
  timeoutMs: number
  open: OpenTransaction | undefined
  ending: Ending | undefined
}

/**
 * The coordinator of all transactions of a cluster. A transaction opens with its first record or offset. Its end
 * decides it; then markers make that known to each log and group, all at once or one after the other
 * (`faults.markerDelayMs`). One that is open for longer than its timeout is aborted, and its producer fenced.
 */
export class TransactionCoordinator {
  readonly #host: TransactionHost
  readonly #ids = new Map<string, IdState>()
  #waiting = new Set<() => void>()

  constructor(host: TransactionHost) {
    this.#host = host
  }

  /** Fences the producer before and aborts what it has open. undefined: ask again when a transaction has ended. */
  initialize(transactionalId: string, timeoutMs: number): ProducerIdentity | undefined {
    const state = this.#ids.get(transactionalId) ?? { epoch: -1, timeoutMs, open: undefined, ending: undefined }
    this.#ids.set(transactionalId, state)
    if (state.open !== undefined) this.#expire(state)
    if (state.ending !== undefined) return undefined
    state.epoch++
    state.timeoutMs = timeoutMs
    return { transactionalId, epoch: state.epoch }
  }

  /** Called once, when all markers of a transaction are written. Returns how to stop waiting. */
  onceEnded(callback: () => void): () => void {
    this.#waiting.add(callback)
    return () => void this.#waiting.delete(callback)
  }

  /** PRODUCER_FENCED where a later producer has the id, or its transaction timed out. */
  refusal({ transactionalId, epoch }: ProducerIdentity): MillraceError | undefined {
    return this.#ids.get(transactionalId)?.epoch === epoch ? undefined : fenced(transactionalId)
  }

  /** Whether the markers of the transaction before are still to be written: nothing can be added until then. */
  isEnding({ transactionalId }: ProducerIdentity): boolean {
    return this.#ids.get(transactionalId)?.ending !== undefined
  }

  /** Returns the offset. Throws the refusal of the producer or of the topic. */
  append(
    identity: ProducerIdentity,
    topic: string,
    partition: number,
    key: Bytes | null,
    value: Bytes | null,
    timestamp: number,
    headers: Headers,
  ): number {
    const { logs } = this.#open(identity)
    const log = this.#host.log(topic, partition)
    const transaction = logs.get(log) ?? { state: 'open' }
    const offset = this.#host.append(topic, partition, key, value, timestamp, headers, transaction)
    logs.set(log, transaction)
    return offset
  }

  /** Offsets that are committed with the transaction. Throws GROUP_FENCED, or the refusal of the producer. */
  addOffsets(identity: ProducerIdentity, offsets: readonly OffsetAndMetadata[], metadata: GroupMetadata): void {
    const group = this.#host.group(metadata.groupId)
    this.#current(identity)
    group.checkCommitter(metadata, { inTransaction: true })
    const open = this.#open(identity)
    group.offsets.addPending(open, offsets)
    open.groups.add(group.offsets)
  }

  /** Decides the transaction of this producer, if it has one. Throws its refusal. */
  end(identity: ProducerIdentity, isCommitted: boolean): void {
    this.#end(this.#current(identity), isCommitted)
  }

  /** For tests: the timeout of whatever is open under the id. False where nothing is. */
  expire(transactionalId: string): boolean {
    const state = this.#ids.get(transactionalId)
    if (state?.open === undefined) return false
    this.#expire(state)
    return true
  }

  #expire(state: IdState): void {
    state.epoch++
    this.#end(state, false)
  }

  #current(identity: ProducerIdentity): IdState {
    const state = this.#ids.get(identity.transactionalId)
    if (state === undefined || state.epoch !== identity.epoch) throw fenced(identity.transactionalId)
    return state
  }

  #open(identity: ProducerIdentity): OpenTransaction {
    const state = this.#current(identity)
    // Whoever asks has waited for as long as it should take.
    while (state.ending !== undefined) this.#writeMarker(state, state.ending)
    state.open ??= {
      logs: new Map(),
      groups: new Set(),
      timer: this.#host.clock.setTimer(state.timeoutMs, () => this.#expire(state)),
    }
    return state.open
  }

  #end(state: IdState, isCommitted: boolean): void {
    const { open } = state
    if (open === undefined) return
    open.timer.cancel()
    state.open = undefined
    const steps = [
      ...[...open.logs].map(
        ([log, transaction]) =>
          () =>
            log.endTransaction(transaction, isCommitted),
      ),
      ...[...open.groups].map((offsets) => () => offsets.endPending(open, isCommitted)),
    ]
    state.ending = { steps, timer: undefined }
    this.#writeMarkers(state, state.ending)
  }

  #writeMarkers(state: IdState, ending: Ending): void {
    const { faults, clock } = this.#host
    while (state.ending === ending) {
      if (faults.markerDelayMs > 0) {
        ending.timer = clock.setTimer(faults.markerDelayMs, () => {
          this.#writeMarker(state, ending)
          this.#writeMarkers(state, ending)
        })
        return
      }
      this.#writeMarker(state, ending)
    }
  }

  #writeMarker(state: IdState, ending: Ending): void {
    ending.timer?.cancel()
    ending.steps.shift()?.()
    if (ending.steps.length > 0) return
    state.ending = undefined
    const waiting = this.#waiting
    this.#waiting = new Set()
    for (const callback of waiting) callback()
  }
}

function fenced(transactionalId: string): MillraceError {
  return new MillraceError(
    'PRODUCER_FENCED',
    'task-migrated',
    `the producer of ${transactionalId} was fenced, by another producer or by its transaction timeout: initialize it`,
    { details: { transactionalId } },
  )
}
