import { defineTopology, json, long, MillraceError, string, type TopologyDefinition } from '../../src/index.ts'
import { defineWorker } from '../../src/worker/index.ts'

export interface Payment {
  readonly id: string
  readonly account: string
}

export const accounts = 20

/** Every tenth payment is refused as long as the code is old. */
export function isRefused(number: number): boolean {
  return number % 10 === 3
}

/** No version of the code can read these. */
export function isBroken(number: number): boolean {
  return number % 50 === 7
}

/** The topics of one run. */
export function topicsOf(applicationId: string) {
  return {
    payments: `${applicationId}-payments`,
    retry: `${applicationId}-payments-retry`,
    checked: `${applicationId}-checked`,
    totals: `${applicationId}-totals`,
    letters: `${applicationId}-letters`,
  }
}

/** Payments once each, checked, and counted by account. */
export function checkTopology(applicationId: string, version: 'old' | 'repaired'): TopologyDefinition {
  const { payments, retry, checked, totals } = topicsOf(applicationId)
  return defineTopology(`dead-letters-${version}`, (builder) => {
    const valid = builder
      .stream([payments, retry], { key: string(), value: json<Payment>() })
      .deduplicate({ name: 'once', store: 'seen', id: (_, { id }) => id, idSerde: string(), ttlMs: 3_600_000 })
      .mapValues(
        (payment) => {
          if (version === 'old' && isRefused(Number(payment.id)))
            throw new MillraceError<'REFUSED'>('REFUSED', 'record', `payment ${payment.id} is refused`)
          return payment
        },
        { name: 'check' },
      )
    valid.to(checked, { key: string(), value: json<Payment>() })
    valid
      .groupBy((_, { account }) => account, { name: 'by-account', key: string(), value: json<Payment>() })
      .count({ name: 'per-account', store: 'per-account' })
      .toStream()
      .to(totals, { key: string(), value: long() })
  })
}

/** What `millrace dlq replay` of the check is given. */
export default defineWorker({
  name: 'dead-letters',
  topology: ({ settings }) => checkTopology(settings.applicationId ?? 'dead-letters', 'repaired'),
})
