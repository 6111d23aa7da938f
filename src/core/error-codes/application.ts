import type { ErrorRows } from './row.ts'

/** The application, its settings, its directory and its life. */
export const applicationCodes = Object.freeze({
  APPLICATION_CLOSED: {
    when: 'the application was closed while somebody waited for it to start or to reach a state',
    consequence: 'fatal',
    next: 'the call rejects',
    fix: 'make a new application: a closed one does not start again',
  },
  APPLICATION_RUNNING: {
    when: 'the state of an application that runs is to be deleted',
    consequence: 'fatal',
    next: 'the call rejects; the application goes on',
    fix: 'call it before `start` or after the application has ended',
  },
  CLOSE_TIMEOUT: {
    when: '`close` did not end within its time',
    consequence: 'fatal',
    next: 'the call rejects; what is not committed is processed again by the next owner',
    fix: 'end the process; raise `timeoutMs` of `close` where a commit takes longer',
  },
  CLOSE_UNCOMMITTED: {
    when: 'tasks were closed without a commit, as when a sink or a broker did not answer',
    consequence: 'fatal',
    next: 'the call rejects; their next owner processes again what is not committed',
    fix: 'nothing is lost; see the log for why the commit did not pass',
  },
  HANDLER_FAILED: {
    when: 'a record handler threw, or answered with something else than `{ action, deadLetters }`',
    consequence: 'fatal',
    fix: 'correct the handler that the message names; it must not throw',
  },
  INVALID_SETTINGS: {
    when: 'settings, options of the application or of a sink cannot be used; all faults are told at once',
    consequence: 'fatal',
    next: 'nothing starts',
    fix: 'correct each field that the message names ([settings](settings.md))',
  },
  OPS_PORT_IN_USE: {
    when: 'the server for metrics and probes cannot listen on its port',
    consequence: 'fatal',
    next: 'the process does not start',
    fix: 'choose another port, or end the process that holds it',
  },
  OPS_TOKEN_MISSING: {
    when: 'the server for metrics and probes listens beyond loopback and has no token',
    consequence: 'fatal',
    next: 'the process does not start',
    fix: 'set a token, or listen on 127.0.0.1',
  },
  STATE_DIRECTORY_IN_USE: {
    when: 'another process holds the state directory',
    consequence: 'fatal',
    next: 'the application does not start',
    fix: 'give each process a stateDirectory of its own, or end the other one',
  },
  STATE_DIRECTORY_UNUSABLE: {
    when: 'the state directory cannot be made, read or written',
    consequence: ['fatal', 'retriable'],
    fix: 'let the process own it, make room on its disk, or set another stateDirectory',
  },
  STATE_TIMEOUT: {
    when: 'the application did not reach the state that was waited for in time',
    consequence: 'fatal',
    next: 'the call rejects; the application goes on',
    fix: 'see its status and log for what it waits for, or wait longer',
  },
} satisfies ErrorRows)
