import type { ErrorRows } from './row.ts'

/** Replays: planning, running, putting in place. */
export const replayCodes = Object.freeze({
  REPLAY_ABORTED: {
    when: 'a replay was aborted while this process worked on it',
    consequence: 'fatal',
    next: 'the process leaves the replay; what it wrote stays until it is deleted',
    fix: 'plan another one; the id of an aborted replay cannot be used again',
  },
  REPLAY_CONTROL_SLOW: {
    when: 'a topic with the plans of replays, or with what became of dead letters, could not be read to its end in time',
    consequence: 'retriable',
    fix: 'check that the brokers answer, and run the command again',
  },
  REPLAY_INPUT_DELETED: {
    when: 'retention deleted records of a plan before the replay has read them',
    consequence: 'fatal',
    next: 'the process leaves the replay; no other one can continue it',
    fix: 'abort it, keep the input for longer (`retention.ms`), and plan another one, which reports what is gone',
  },
  REPLAY_REQUEST: {
    when: 'a replay cannot be planned as requested',
    consequence: 'fatal',
    next: 'nothing is planned',
    fix: 'correct what the message names',
  },
  REPLAY_STATE: {
    when: 'the state of a replay does not allow to pause, continue or abort it, or to put it in place',
    consequence: 'fatal',
    next: 'nothing changes',
    fix: 'see its status',
  },
  REPLAY_TOPOLOGY_CHANGED: {
    when: 'a replay was planned with a different topology than the topology of the process',
    consequence: 'fatal',
    next: 'the process does not join the replay',
    fix: 'run the version that planned it, or plan another replay',
  },
  UNKNOWN_REPLAY: {
    when: 'no replay of that id was planned for the application',
    consequence: 'fatal',
    fix: 'see the list of replays; plan it first',
  },
} satisfies ErrorRows)
