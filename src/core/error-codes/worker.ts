import type { ErrorRows } from './row.ts'

/** Workers and the command line. */
export const workerCodes = Object.freeze({
  WORKER_MODULE: {
    when: 'the module to run cannot be imported, exports no topology, or exports several topologies',
    consequence: 'fatal',
    next: 'nothing starts',
    fix: 'export one topology or worker as the default; the message names the file',
  },
  INVALID_PIPELINE: {
    when: 'a pipeline file has mistakes; one message lists all of them, each with its line',
    consequence: 'fatal',
    next: 'nothing starts',
    fix: 'correct each line that the message names ([pipelines](pipelines.md)); `millrace pipeline test FILE` checks it',
  },
  INVALID_ALERT_RULE: {
    when: 'a file with alert rules, or a rule from code, has mistakes; one message lists all of them, each with its line',
    consequence: 'fatal',
    next: 'nothing starts',
    fix: 'correct each line that the message names ([alerts](alerts.md#rules)); `millrace alerts test FILE` checks it',
  },
  PIPELINE_UNREADABLE: {
    when: 'a file that an argument of `millrace pipeline` names cannot be read',
    consequence: 'fatal',
    next: 'the command ends with exit code 2',
    fix: 'name a file that exists',
  },
  INVALID_NOTICES: {
    when: 'a file or an object that says who is notified of alerts has mistakes; one message lists all of them, each with its line',
    consequence: 'fatal',
    next: 'nothing starts',
    fix: 'correct each line that the message names ([alerts](alerts.md#notices)); `millrace alerts check` checks it',
  },
  INVALID_NOTIFIERS: {
    when: 'a file that says how receivers are reached has mistakes; one message lists all of them, each with its line',
    consequence: 'fatal',
    next: 'nothing starts',
    fix: 'correct each line that the message names ([alerts](alerts.md#notifiers)); `millrace alerts check` checks it',
  },
  INVALID_WATCHES: {
    when: 'a file that says which topics are judged by models has mistakes; one message lists all of them, each with its line',
    consequence: 'fatal',
    next: 'nothing starts',
    fix: 'correct each line that the message names ([detection](detection.md#models-in-the-fleet)); `millrace alerts check --watches` checks it',
  },
  ALERTS_UNREADABLE: {
    when: 'a file that an argument of `millrace alerts` names cannot be read',
    consequence: 'fatal',
    next: 'the command ends with exit code 2',
    fix: 'name a file that exists',
  },
  REDACTION_KEY: {
    when: 'a redaction rule hashes, and there is no key for it',
    consequence: 'fatal',
    next: 'nothing starts',
    fix: 'set `REDACTION_HASH_KEY`, or `REDACTION_HASH_KEY_FILE` to the file that holds the key',
  },
  FILES_EXIST: {
    when: '`millrace init` would overwrite files',
    consequence: 'fatal',
    next: 'nothing is written',
    fix: 'name an empty directory; the message names the files',
  },
  INPUT_LINE: {
    when: 'a line of input of `millrace run --memory` is not a record of its topic, or no module reads its topic',
    consequence: 'fatal',
    next: 'the command ends',
    fix: 'give a line of text, or a JSON object with `key`, `value` and `timestamp`; the message names the topic',
  },
  TAP_WORKER: {
    when: '`millrace tap --worker` does not get records from the worker that it names',
    consequence: 'fatal',
    next: 'the command ends',
    fix: 'correct the address or the token, as the message says; `millrace run` has the page, `runWorker` in code has not',
  },
  TAP_TARGET: {
    when: 'the argument of `millrace tap` is neither a topic nor a node of the topology with a topic',
    consequence: 'fatal',
    next: 'the command ends',
    fix: 'name a topic, or one of the nodes in the message',
  },
  STATE_MEMBER: {
    when: 'no member of the group that has a part of a store can be asked for it, or its answer is no rows',
    consequence: 'retriable',
    next: 'the command ends',
    fix: 'the message names the member and the setting: `OPS_ADVERTISED_HOST`, `OPS_TOKEN`, or `--worker`',
  },
  AUDIT_FAILED: {
    when: 'a command that changes something, or the live tail, cannot write its entry to the audit topic',
    consequence: 'fatal',
    next: 'nothing is changed, and no line is shown, when the entry before it fails; the message says so',
    fix: 'let the user write to the audit topic, or name another one with `AUDIT_TOPIC` or `LIVE_TAIL_AUDIT_TOPIC`',
  },
  READ_TIMEOUT: {
    when: 'a command that reads records receives none for several seconds, although there are some',
    consequence: 'retriable',
    next: 'the command ends',
    fix: 'check that the brokers that lead these partitions are up, and run it again',
  },
  LETTERS_LOCKED: {
    when: '`millrace dlq replay --execute` runs while another one sends letters of the same topic',
    consequence: 'fatal',
    next: 'the command ends and sends nothing more; the other one continues',
    fix: 'wait for the other one; a run that was killed is noticed after 10 s',
  },
  GROUP_IN_USE: {
    when: 'a command needs a group without members, but the group still has members',
    consequence: 'fatal',
    next: 'nothing is changed',
    fix: 'stop the members that the message names; a member that died leaves after its session timeout',
  },
  STATE_LOSS: {
    when: 'a worker would start with a topology that leaves behind rows of stores or unread records of repartition topics',
    consequence: 'fatal',
    next: 'nothing starts, and nothing is changed',
    fix: 'give the store its former name, as the message says; `millrace diff` shows the whole plan; `ALLOW_STATE_LOSS` accepts the loss',
  },
  TOPOLOGY_FILE: {
    when: 'the file of `millrace diff --against` cannot be read, or is not a topology',
    consequence: 'fatal',
    next: 'nothing is compared',
    fix: 'write it with `millrace describe MODULE --json`',
  },
  OFFSETS_FILE: {
    when: 'a file of offsets cannot be read, or names a partition that the topology does not read',
    consequence: 'fatal',
    next: 'nothing is changed',
    fix: 'write lines of `topic,partition,offset` with partitions of the input topics',
  },
  RESET_NOT_CONFIRMED: {
    when: 'after a reset, the group has other offsets than the reset committed',
    consequence: 'fatal',
    next: 'the command ends; the plan and the offsets that were found are in the audit topic',
    fix: 'stop whoever commits for this group, and run the reset again',
  },
} satisfies ErrorRows)
