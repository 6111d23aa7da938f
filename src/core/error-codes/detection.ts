import type { ErrorRows } from './row.ts'

/** Models of detection, and their training. */
export const detectionCodes = Object.freeze({
  MODEL_UNREADABLE: {
    when: 'bytes are not those of a model of this kind, have another form, or are damaged',
    consequence: 'fatal',
    next: 'the call throws; the model that is in use stays',
    fix: 'train the model again, or give the bytes of an earlier one',
  },
  MODEL_TOO_LARGE: {
    when: 'a model has more bytes than a record of the topic of models has room for',
    consequence: 'fatal',
    next: 'it is not published; the model that is in use stays',
    fix: 'train it with fewer trees, leaves or hidden numbers',
  },
  POINTS_UNREADABLE: {
    when: 'a file or topic of points or logs for `millrace detect` cannot be read, or has values that are no numbers or times',
    consequence: 'fatal',
    next: 'the command ends with exit code 2; nothing was trained or written',
    fix: 'correct what the message names: each line with its field and value',
  },
  TRAINING_DATA: {
    when: 'there are too few usable rows to train a model from',
    consequence: 'fatal',
    next: 'the call throws; the model that is in use stays',
    fix: 'give more rows; the message names how many there are and how many are needed',
  },
  TRAINING_TIMEOUT: {
    when: 'a training has not ended within its deadline',
    consequence: 'retriable',
    next: 'its thread is ended; the model that is in use stays',
    fix: 'give fewer rows or epochs, or a later deadline',
  },
  TRAINING_FAILED: {
    when: 'the thread of a training has died',
    consequence: 'retriable',
    next: 'the model that is in use stays',
    fix: 'look at the cause; a thread that has no memory left needs fewer rows',
  },
} satisfies ErrorRows)
