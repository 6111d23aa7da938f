import type { ErrorRows } from './row.ts'

/** Operators, processors and the functions that are given to them. */
export const operatorCodes = Object.freeze({
  ASYNC_MAP_CLOSED: {
    when: 'the task was closed before a mapper of `mapValuesAsync` was done',
    consequence: 'retriable',
    next: 'the record is mapped again by the next owner of its task',
    fix: 'nothing',
  },
  ASYNC_MAP_TIMEOUT: {
    when: 'a mapper of `mapValuesAsync` took longer than its `timeoutMs`',
    consequence: 'record',
    fix: 'raise `timeoutMs`, or bound the call itself',
  },
  ASYNC_NOT_DRAINED: {
    when: 'results of `mapValuesAsync` are still awaited when the task is to commit',
    consequence: 'retriable',
    next: 'the commit waits for them',
    fix: 'see that the calls end; lower `timeoutMs` of the mapper',
  },
  EMPTY_WINDOW: {
    when: 'a record meets sliding windows with a time difference of 0 ms, which hold nothing',
    consequence: 'record',
    fix: 'make the difference at least 1 ms',
  },
  FIXED_KEY_CHANGED: {
    when: 'a processor of `processValues` forwarded a record with another key than that of its input',
    consequence: 'record',
    fix: 'forward `{ ...record, value }`, or use `process` to change keys',
  },
  INVALID_METRIC: {
    when: 'a metric of a processor was given a name or a value that cannot be used',
    consequence: 'record',
    fix: 'give a text as the name, and a finite number',
  },
  MAPPER_RESULT: {
    when: 'a mapper returned something of another shape than the operator needs',
    consequence: 'record',
    fix: 'return what the message asks for',
  },
  NULL_KEY: {
    when: 'a record without a key came to a join with a grace, where it would have to wait',
    consequence: 'record',
    fix: 'filter such records before the join, or leave out the grace',
  },
  NULL_TABLE_KEY: {
    when: 'a table change without a key came out of an internal topic',
    consequence: 'record',
    fix: 'let only this application write into its internal topics',
  },
  PROMISE_RETURNED: {
    when: 'a function returned a promise, which no operator waits for',
    consequence: 'record',
    fix: 'return the value itself, or use `mapValuesAsync`',
  },
  PUNCTUATION_CALLBACK: {
    when: 'a processor schedules a punctuation without a function',
    consequence: 'fatal',
    fix: 'pass a function',
  },
  PUNCTUATION_INTERVAL: {
    when: 'a processor schedules a punctuation with an interval that is no number of at least 1 ms',
    consequence: 'fatal',
    fix: 'give an interval of at least 1 ms',
  },
  PUNCTUATION_START: {
    when: 'a processor schedules a punctuation from a start time that is no time',
    consequence: 'fatal',
    fix: 'give whole milliseconds from 0 to 2^53 - 1',
  },
  PUNCTUATION_TYPE: {
    when: 'a processor schedules a punctuation on a clock that does not exist',
    consequence: 'fatal',
    fix: "give 'stream-time' or 'wall-clock-time'",
  },
  STORE_NOT_CONNECTED: {
    when: 'a processor asks for a store that is not connected to it',
    consequence: 'fatal',
    fix: 'name the store in `stores` of the processor, or connect it',
  },
  SUPPRESS_BUFFER_FULL: {
    when: 'the buffer of `suppress` is full and `whenFull` is to fail',
    consequence: 'record',
    fix: 'raise the bounds of the buffer, or let it emit early',
  },
  TABLE_NOT_VERSIONED: {
    when: 'a join has a grace and its table is not versioned',
    consequence: 'fatal',
    fix: 'give the table a versioned store',
  },
  UNKNOWN_CHILD: {
    when: 'a processor forwards to a child that it does not have',
    consequence: ['record', 'fatal'],
    fix: 'use one of the names that the message lists',
  },
  WINDOWS_RESULT: {
    when: 'the function of custom windows returned something that is no list of windows, or tells a window differently for two of its times',
    consequence: 'record',
    fix: 'return what the message asks for, the same window for each time in it',
  },
} satisfies ErrorRows)
