import type { DateOrder } from './date-order.ts'

/** What a text leaves out about a time. */
export interface TimeContext {
  /** When Kafka received the record, epoch milliseconds: decides a year or an order that the text leaves out. */
  readonly receivedMs: number
  /** Of times that name no zone: `Europe/Berlin`, `CET`, `+01:00`. UTC without one. */
  readonly zone?: string
  /** Of dates such as `05/06/2026`. Without one they are read where only one reading is near the time of receipt. */
  readonly order?: DateOrder
}
