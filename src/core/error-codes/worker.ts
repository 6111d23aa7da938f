import type { ErrorRows } from './row.ts'

/** Workers and the command line. */
export const workerCodes = Object.freeze({
  WORKER_MODULE: {
    when: 'a module that is to run cannot be imported, or exports no topology or several',
    consequence: 'fatal',
    next: 'nothing starts',
    fix: 'export one topology or worker as the default; the message names the file',
  },
  AUDIT_FAILED: {
    when: 'a command that changes something cannot write its entry to the audit topic',
    consequence: 'fatal',
    next: 'nothing is changed when the entry before the change fails; the message says so',
    fix: 'let the user write to the audit topic, or name another one with `AUDIT_TOPIC`',
  },
  READ_TIMEOUT: {
    when: 'a command that reads records receives none for several seconds, although there are some',
    consequence: 'retriable',
    next: 'the command ends',
    fix: 'check that the brokers that lead these partitions are up, and run it again',
  },
} satisfies ErrorRows)
