import { fleetErrorCodes } from '../../fleet/error-codes.ts'
import { errorRooms } from '../../src/core/error-codes/catalog.ts'
import { kafkaErrorFixes, kafkaErrorGroups } from '../../src/core/error-codes/kafka-protocol.ts'
import type { ErrorConsequence, ErrorRow, ErrorRows } from '../../src/core/error-codes/row.ts'

const next: Readonly<Record<ErrorConsequence, string>> = {
  record: "the record's handler is asked",
  'task-corrupted': "the task's state is deleted and restored from its changelogs",
  'transaction-aborted': 'the transaction is aborted, and its tasks begin again at their last commit',
  'task-migrated': 'the tasks are dropped without a commit, and the member joins its group again',
  retriable: 'the step is retried after a backoff, until its deadline',
  fatal: 'the thread stops',
}

const introduction = `# Error codes

Written by \`npm run docs:errors\` from \`src/core/error-codes/\`; a test checks that both are equal.

Each message of millrace ends in its code, as in \`the topology has no store named counts [STORE_NOT_FOUND]\`; a code within a message is that of its cause. \`error.code\` is the same text, and the type \`ErrorCode\` has all of them: a comparison with a code that does not exist does not compile.
What happens next follows from the error's \`consequence\` ([errors and dead letters](errors-and-dead-letters.md)); a code with two consequences says in \`error.consequence\` which it is.
`

/** docs/errors.md: every code, by the room it comes from. */
export function errorPage(): string {
  const rooms = [
    ...errorRooms,
    { title: "Kafka's own errors", rows: kafkaRows() },
    { title: 'The fleet', rows: fleetErrorCodes },
  ]
  return [introduction, ...rooms.map(({ title, rows }) => section(title, rows))].join('\n')
}

function section(title: string, rows: ErrorRows): string {
  const head = ['| code | when | what happens next | what to do |', '|---|---|---|---|']
  const body = Object.entries(rows)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([code, row]) => `| \`${code}\` | ${row.when} | ${nextOf(row)} | ${row.fix} |`)
  return `${[`## ${title}`, ...head, ...body].join('\n')}\n`
}

function nextOf(row: ErrorRow): string {
  if (row.next !== undefined) return row.next
  const all = [row.consequence].flat()
  if (all.length === 1) return all.map((one) => next[one]).join()
  return all.map((one) => `\`${one}\`: ${next[one]}`).join('; ')
}

function kafkaRows(): ErrorRows {
  const named = kafkaErrorGroups.flatMap(({ consequence, errors }) =>
    errors.map(([, name, meaning]): [string, ErrorRow] => {
      const fix = (kafkaErrorFixes as Readonly<Record<string, string>>)[name]
      return [name, { when: meaning, consequence, fix: fix ?? 'nothing; if it lasts, check the broker and its log' }]
    }),
  )
  const unknown = 'KAFKA_ERROR_<number>'
  const when = 'a broker answered with an error that this version of millrace does not know'
  const fix = "look up the number in Kafka's list of protocol errors"
  return { ...Object.fromEntries(named), [unknown]: { when, consequence: 'fatal', fix } }
}
