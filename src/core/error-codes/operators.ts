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
    when: 'results of `mapValuesAsync` are still pending when the task has to commit',
    consequence: 'retriable',
    next: 'the commit waits for them',
    fix: 'check that the calls end; lower `timeoutMs` of the mapper',
  },
  EMPTY_WINDOW: {
    when: 'a record reaches sliding windows with a time difference of 0 ms, which are always empty',
    consequence: 'record',
    fix: 'make the difference at least 1 ms',
  },
  FIXED_KEY_CHANGED: {
    when: 'a processor of `processValues` forwarded a record whose key differs from the key of its input',
    consequence: 'record',
    fix: 'forward `{ ...record, value }`, or use `process` to change keys',
  },
  INVALID_METRIC: {
    when: 'a metric of a processor was given a name or a value that cannot be used',
    consequence: 'record',
    fix: 'give a text as the name, and a finite number',
  },
  MAPPER_RESULT: {
    when: 'a mapper returned a value that does not have the shape that the operator needs',
    consequence: 'record',
    fix: 'return what the message asks for',
  },
  NULL_KEY: {
    when: 'a record without a key came to a join with a grace; such a record cannot wait there',
    consequence: 'record',
    fix: 'filter such records before the join, or leave out the grace',
  },
  NULL_TABLE_KEY: {
    when: 'a table change without a key was read from an internal topic',
    consequence: 'record',
    fix: 'make sure that only this application writes to its internal topics',
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
    when: 'a processor schedules a punctuation with an interval that is not a number of at least 1 ms',
    consequence: 'fatal',
    fix: 'give an interval of at least 1 ms',
  },
  PUNCTUATION_START: {
    when: 'a processor schedules a punctuation from an invalid start time',
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
    when: 'the buffer of `suppress` is full and must not emit early',
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
    when: 'the function of custom windows returned something that is not a list of windows, or returned different windows for two times in one window',
    consequence: 'record',
    fix: 'return what the message asks for; every time in a window must give the same window',
  },
} satisfies ErrorRows)
