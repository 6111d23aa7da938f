import type { SinkBatch } from './batch-target.ts'

/** A batch on its way, and what is known of its failures. */
export interface Shipment<Batch extends SinkBatch> {
  /** Of the batch as it was enqueued; what is left of it keeps the number. */
  readonly number: number
  /** When its first document came. */
  readonly startedMs: number
  readonly batch: Batch
  inFlight: boolean
  /** Failures that its documents may have caused. */
  readonly failures: number
  /** Those of them that count, because the target has taken others since the first of them. */
  readonly tries: number
  /** The count of documents that the target had taken when it failed last. */
  readonly takenBefore: number
  readonly notBeforeMs: number
}

export function newShipment<Batch extends SinkBatch>(number: number, startedMs: number, batch: Batch): Shipment<Batch> {
  return { number, startedMs, batch, inFlight: false, failures: 0, tries: 0, takenBefore: 0, notBeforeMs: 0 }
}

/**
 * The one to send next: in their order, but those that failed by themselves behind those that did not. undefined when
 * all are in flight or have to wait.
 */
export function nextShipment<Batch extends SinkBatch>(
  shipments: readonly Shipment<Batch>[],
  nowMs: number,
): Shipment<Batch> | undefined {
  let next: Shipment<Batch> | undefined
  for (const shipment of shipments) {
    if (shipment.inFlight || shipment.notBeforeMs > nowMs) continue
    if (shipment.failures === 0) return shipment
    if (next === undefined || shipment.failures < next.failures) next = shipment
  }
  return next
}
