import type { ErrorRows } from './row.ts'

const refusedCall = 'the call throws; the application continues'

/** State: its stores, the disk below them, and queries. */
export const storeCodes = Object.freeze({
  STORE_ARGUMENT: {
    when: 'a store was given a key, value or bound that it cannot take',
    consequence: 'record',
    fix: 'give what the message asks for',
  },
  STORE_CLOSED: {
    when: 'a store is used after its task was closed or moved away',
    consequence: 'fatal',
    next: 'the call throws; the task runs where it moved to',
    fix: 'ask for the store again instead of keeping it',
  },
  STORE_DAMAGED: {
    when: 'the files of a state cannot be used, or were deleted while the process was running',
    consequence: 'task-corrupted',
    fix: 'nothing; if it repeats, check the disk, and what else uses the directory',
  },
  STORE_DISK_FULL: {
    when: 'the disk with the state has no room for the next commit',
    consequence: 'retriable',
    fix: 'free some space',
  },
  STORE_IN_WORKER_THREAD: {
    when: 'a store is asked for directly, or with `query`, while the threads of the application are worker threads',
    consequence: 'fatal',
    next: refusedCall,
    fix: "use `queryAsync`, or set `threadKind` to `'event-loop'`",
  },
  STORE_KIND: {
    when: 'a store is read with the query of another kind',
    consequence: 'fatal',
    next: refusedCall,
    fix: 'use the query of its kind: `keyValueQuery`, `windowQuery` or `sessionQuery`',
  },
  STORE_MIGRATED: {
    when: 'a query asks for a store that is being restored, or runs in another process',
    consequence: 'retriable',
    next: refusedCall,
    fix: 'ask again, or ask the process that holds it',
  },
  STORE_NOT_FOUND: {
    when: 'a query names a store that the topology does not have',
    consequence: 'fatal',
    next: refusedCall,
    fix: 'use one of the names that the message lists',
  },
  STORE_NOT_RESTORED: {
    when: 'records of a changelog are not rows of the store',
    consequence: 'fatal',
    fix: 'find out who else writes to the changelog; reset the application if the store has changed its kind',
  },
  STORE_REFUSED: {
    when: 'the process has no right to read or write the files of a state',
    consequence: 'fatal',
    fix: 'give the process access to the directory, or set another stateDirectory',
  },
  STORE_UNAVAILABLE: {
    when: 'the files of a state temporarily cannot be read or written',
    consequence: 'retriable',
    fix: "check the disk, and the process's limits for memory and open files",
  },
  STORE_WRITE_SLOW: {
    when: 'the state was not written to disk within the time of the commit',
    consequence: 'retriable',
    fix: 'check the disk; raise `commitIntervalMs` if the disk is slow',
  },
  UNKNOWN_STORE: {
    when: 'a task or a test asks for a store that does not exist',
    consequence: 'fatal',
    fix: 'add the store to the topology, or correct the name',
  },
} satisfies ErrorRows)
