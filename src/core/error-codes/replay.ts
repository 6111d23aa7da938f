import type { ErrorRows } from './row.ts'

/** Replays: planning, running, putting in place. */
export const replayCodes = Object.freeze({
  REPLAY_ABORTED: {
    when: 'a replay was aborted while this process worked on it',
    consequence: 'fatal',
    next: 'the process leaves the replay; what it wrote stays until it is deleted',
    fix: 'plan another one; the id of an aborted replay is not used again',
  },
  REPLAY_CONTROL_SLOW: {
    when: 'the topic with the plans and states of replays could not be read to its end in time',
    consequence: 'retriable',
    fix: 'see that the brokers answer, and run the command again',
  },
  REPLAY_REQUEST: {
    when: 'a replay cannot be planned as it was asked for',
    consequence: 'fatal',
    next: 'nothing is planned',
    fix: 'correct what the message names',
  },
  REPLAY_STATE: {
    when: 'a replay is to be paused, continued, aborted or put in place, and its state does not allow it',
    consequence: 'fatal',
    next: 'nothing changes',
    fix: 'see its status',
  },
  REPLAY_TOPOLOGY_CHANGED: {
    when: 'the topology of a process is not the one that a replay was planned with',
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
