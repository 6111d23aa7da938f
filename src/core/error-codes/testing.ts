import type { ErrorRows } from './row.ts'

const next = 'the test fails'

/** `millrace/testing` ([testing](testing.md)). */
export const testingCodes = Object.freeze({
  ASYNC_STORES: {
    when: 'the test driver was given stores that do not open synchronously',
    consequence: 'fatal',
    next,
    fix: 'use the stores in memory',
  },
  NOT_SETTLED: {
    when: 'promises of `mapValuesAsync` are still pending when the test waits for them',
    consequence: 'fatal',
    next,
    fix: 'settle them in the test, call `advanceWallClock` for timeouts and retries, or give `settle()` a longer time',
  },
  NO_PROGRESS: {
    when: 'a watched application makes no progress',
    consequence: 'fatal',
    next,
    fix: 'the message says what the application waits for',
  },
  SERDE_NOT_PREPARED: {
    when: 'a serde is still loading when the test uses it',
    consequence: 'fatal',
    next,
    fix: 'await `driver.prepare()` after the topics are created, or use `createMemorySchemaRegistry`',
  },
  SIMULATION_TIMEOUT: {
    when: 'a condition did not become true within the time of a simulation',
    consequence: 'fatal',
    next,
    fix: 'check the condition, or allow more time',
  },
  TEST_TIME: {
    when: 'a test advances time by a negative number',
    consequence: 'fatal',
    next,
    fix: 'give a time of 0 or more',
  },
  TEST_TIMEOUT: {
    when: 'a condition did not become true within the time that the test waits',
    consequence: 'fatal',
    next,
    fix: 'check the condition, or wait longer',
  },
} satisfies ErrorRows)
