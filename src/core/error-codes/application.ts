import type { ErrorRows } from './row.ts'

/** The application, its settings, its directory and its life. */
export const applicationCodes = Object.freeze({
  APPLICATION_CLOSED: {
    when: 'the application was closed while somebody waited for it to start or to reach a state',
    consequence: 'fatal',
    next: 'the call rejects',
    fix: 'create a new application: a closed one cannot be started again',
  },
  APPLICATION_RUNNING: {
    when: '`cleanUp` was called while the application runs',
    consequence: 'fatal',
    next: 'the call rejects; the application continues',
    fix: 'call it before `start` or after the application has ended',
  },
  APPLICATION_STARTING: {
    when: 'a page for a person on call is asked for before the worker has started its application',
    consequence: 'retriable',
    next: 'the page answers 503',
    fix: 'ask again; `/ready` of the worker says what it waits for',
  },
  CLOSE_TIMEOUT: {
    when: '`close` did not end within its time',
    consequence: 'fatal',
    next: 'the call rejects; what is not committed is processed again by the next owner',
    fix: 'end the process; raise `timeoutMs` of `close` if a commit takes longer',
  },
  CLOSE_UNCOMMITTED: {
    when: 'tasks were closed without a commit, for example because a sink or a broker did not answer',
    consequence: 'fatal',
    next: 'the call rejects; the next owner of the tasks processes the uncommitted records again',
    fix: 'look in the log for why the commit failed; nothing is lost',
  },
  HANDLER_FAILED: {
    when: 'a record handler threw, or returned something other than `{ action, deadLetters }`',
    consequence: 'fatal',
    fix: 'correct the handler that the message names; it must not throw',
  },
  INVALID_SETTINGS: {
    when: 'settings or options of the application or of a sink are invalid; one message lists all faults',
    consequence: 'fatal',
    next: 'nothing starts',
    fix: 'correct each field that the message names ([settings](settings.md))',
  },
  OPS_PORT_IN_USE: {
    when: 'the server for metrics and probes cannot listen on its port',
    consequence: 'fatal',
    next: 'the process does not start',
    fix: 'choose another port, or stop the process that uses it',
  },
  OPS_TOKEN_MISSING: {
    when: 'the server for metrics and probes listens beyond loopback and has no token',
    consequence: 'fatal',
    next: 'the process does not start',
    fix: 'set a token, or listen on 127.0.0.1',
  },
  STATE_DIRECTORY_IN_USE: {
    when: 'another process uses the state directory',
    consequence: 'fatal',
    next: 'the application does not start',
    fix: 'give each process its own stateDirectory, or stop the other process',
  },
  STATE_DIRECTORY_UNUSABLE: {
    when: 'the state directory cannot be created, read or written',
    consequence: ['fatal', 'retriable'],
    fix: 'give the process access to it, free space on its disk, or set another stateDirectory',
  },
  STATE_TIMEOUT: {
    when: 'the application did not reach the expected state in time',
    consequence: 'fatal',
    next: 'the call rejects; the application continues',
    fix: 'look in its status and log for what it waits for, or wait longer',
  },
} satisfies ErrorRows)
