import { defineTopology, json, MillraceError, string } from 'millrace'

export interface Payment {
  readonly amount: number
}

export const payments = { key: string(), value: json<Payment>() }

/** Every payment ends in exactly one place: the sink `archive`, or the dead letters with the reason why. */
export const archive = defineTopology('archive', (builder) => {
  builder
    .stream('payments', { name: 'payments', ...payments })
    .peek(
      (key, { amount }) => {
        if (!(amount > 0)) {
          throw new MillraceError<'BAD_AMOUNT'>(
            'BAD_AMOUNT',
            'record',
            `payment ${key} is ${amount}: it must be above 0`,
          )
        }
      },
      { name: 'check' },
    )
    .toSink('archive', { name: 'to-archive' })
})

/** Bytes that are no JSON and payments that are refused become dead letters; the others go on. */
export const handlers = {
  deserializationHandler: 'continue',
  processingHandler: 'continue',
  deadLetterTopic: 'dead-payments',
} as const
