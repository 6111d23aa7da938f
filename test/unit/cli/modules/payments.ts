import { defineTopology, json, MillraceError, string } from '../../../../src/index.ts'
import { defineWorker } from '../../../../src/worker/index.ts'

export interface Payment {
  readonly amount: number
}

/** What the topology of today takes. */
export const rules = { leastAmount: 0 }

export const payments = defineTopology('payments', (builder) => {
  builder
    .stream('payments', { key: string(), value: json<Payment>() })
    .mapValues(
      (payment) => {
        if (payment.amount < rules.leastAmount)
          throw new MillraceError<'NEGATIVE'>('NEGATIVE', 'record', `the payment is ${payment.amount}`)
        return payment
      },
      { name: 'check' },
    )
    .groupBy((_, { amount }) => (amount < 0 ? 'refund' : 'payment'), {
      name: 'by-kind',
      key: string(),
      value: json<Payment>(),
    })
    .count({ name: 'counts', store: 'counts' })
    .toStream()
    .to('payment-counts')
})

/** The same with a topic for what is tried again. */
export const withRetries = defineTopology('payments', (builder) => {
  builder.stream(['payments', 'payments-retry'], { key: string(), value: json<Payment>() }).to('checked')
})

export default defineWorker({
  name: 'payments',
  topology: ({ settings }) => (settings.applicationId === 'with-retries' ? withRetries : payments),
})
