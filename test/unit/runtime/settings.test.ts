import { describe, expect, test } from '@jest/globals'
import { logAndContinue, logAndFail } from '../../../src/runtime/errors/handlers.ts'
import { compileSettings } from '../../../src/runtime/settings.ts'

function faultsOf(options: Record<string, unknown>): readonly string[] {
  try {
    compileSettings({ applicationId: 'app', ...options }, 'r')
    return []
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_SETTINGS', consequence: 'fatal' })
    return (error as { details: { faults: string[] } }).details.faults
  }
}

describe('settings', () => {
  test('are complete and frozen after the door, with the defaults of Kafka Streams', () => {
    const settings = compileSettings({ applicationId: 'app' }, 'r')
    expect(Object.isFrozen(settings)).toBe(true)
    expect(settings).toMatchObject({
      threads: 1,
      commitIntervalMs: 30_000,
      bufferedRecordsPerPartition: 1000,
      maxTaskIdleMs: 0,
      cacheBytesMax: 10_485_760,
      pollMs: 100,
      clientId: 'app',
      processId: 'app-r',
      deserializationHandler: logAndFail,
    })
  })

  test('all faults of the settings are reported together, each with name, value and fix', () => {
    expect(faultsOf({ applicationId: 'not a name', threads: 0, commitIntervalMs: 1.5, offsetReset: 'newest' })).toEqual(
      [
        'threads is 0: it must be an integer of at least 1',
        'commitIntervalMs is 1.5: it must be an integer of at least 0',
        'applicationId is "not a name": it must be 1 to 249 letters, digits, dots, dashes or underscores, but not just one or two dots',
        'offsetReset is "newest": it must be one of earliest, latest, none, or { durationMs }',
      ],
    )
  })

  test.each(['.', '..', ''])(
    'refuse the application id %j, whose state would lie beside the state directory',
    (applicationId) => {
      expect(faultsOf({ applicationId })).toHaveLength(1)
    },
  )

  test('refuse a heartbeat that is not below the session timeout', () => {
    expect(faultsOf({ heartbeatIntervalMs: 5000, sessionTimeoutMs: 5000 })).toHaveLength(1)
  })

  test('refuse tags that Kafka Streams would refuse, and names of tags that this process does not have', () => {
    expect(faultsOf({ clientTags: { zone: '' }, rackAwareAssignmentTags: ['zone', 'rack'] })).toEqual([
      'clientTags.zone is "": it must be a text of 1 to 30 characters under a name of 1 to 20',
      'rackAwareAssignmentTags names "rack": clientTags must have a value for it',
    ])
    const many = Object.fromEntries([1, 2, 3, 4, 5, 6].map((each) => [`tag${each}`, 'x']))
    expect(faultsOf({ clientTags: many })).toEqual(['clientTags has 6 names: at most 5 are allowed'])
  })

  test('refuse a guarantee that does not exist', () => {
    expect(faultsOf({ processingGuarantee: 'exactly_once_v2' })).toEqual([
      'processingGuarantee is "exactly_once_v2": it must be one of at-least-once, exactly-once',
    ])
  })

  test('refuse transactions whose records not all replicas must have', () => {
    expect(faultsOf({ processingGuarantee: 'exactly-once', producerAcks: 'leader' })).toEqual([
      "producerAcks is 'leader': processingGuarantee 'exactly-once' needs 'all'",
    ])
  })

  test('commit every 100 ms under exactly-once, as Kafka Streams does, unless they say otherwise', () => {
    const exactly = { applicationId: 'app', processingGuarantee: 'exactly-once' } as const
    expect(compileSettings(exactly, 'r').commitIntervalMs).toBe(100)
    expect(compileSettings({ ...exactly, commitIntervalMs: 700 }, 'r').commitIntervalMs).toBe(700)
    expect(compileSettings({ applicationId: 'app' }, 'r').commitIntervalMs).toBe(30_000)
  })

  test.each(['keepStreamTime', 'windowEmitBeforeExpiry'])('refuse %s that is neither true nor false', (name) => {
    expect(faultsOf({ [name]: 'yes' })).toEqual([`${name} is "yes": it must be true or false`])
  })

  test('refuse numbers that have no place in the protocol of Kafka', () => {
    expect(faultsOf({ sessionTimeoutMs: 3e9, fetchMaxBytes: 2 ** 31, replicationFactor: 70_000 })).toEqual([
      'sessionTimeoutMs is 3000000000: it must be an integer of at most 2147483647',
      'replicationFactor is 70000: it must be an integer of at most 32767',
      'fetchMaxBytes is 2147483648: it must be an integer of at most 2147483647',
    ])
    expect(faultsOf({ replicationFactor: 0 })).toEqual([
      "replicationFactor is 0: it must be at least 1, or -1 for the broker's default",
    ])
  })

  test('take a time without end that stays in the process', () => {
    expect(faultsOf({ taskTimeoutMs: Number.MAX_SAFE_INTEGER, commitIntervalMs: 3e9 })).toEqual([])
  })

  test.each(['clientId', 'processId', 'groupInstanceId', 'stateDirectory'])(
    'refuse %s that is empty, which other processes may have too, or no text',
    (name) => {
      const rule = 'it must be a text that is not empty; leave it out to have none'
      expect(faultsOf({ [name]: '' })).toEqual([`${name} is "": ${rule}`])
      expect(faultsOf({ [name]: 7 })).toEqual([`${name} is 7: ${rule}`])
    },
  )

  test.each(['uncaughtErrorHandler', 'defaultTimestampExtractor'])('refuse %s that is no function', (name) => {
    expect(faultsOf({ [name]: 'replace-thread' })).toEqual([`${name} is "replace-thread": it must be a function`])
  })

  test('refuse tags that are no object, and names that are no list', () => {
    expect(faultsOf({ clientTags: null, rackAwareAssignmentTags: 'zone' })).toEqual([
      "clientTags is null (object): it must be an object of names and texts, such as { zone: 'a' }",
      `rackAwareAssignmentTags is "zone": it must be a list of names, such as ['zone']`,
    ])
  })

  test('name a value that JSON does not have', () => {
    const rule = 'it must be one of at-least-once, exactly-once'
    expect(faultsOf({ processingGuarantee: 1n })).toEqual([`processingGuarantee is 1n (bigint): ${rule}`])
    expect(faultsOf({ clientTags: { zone: 1n } })).toHaveLength(1)
    expect(faultsOf({ applicationId: 1n })).toHaveLength(1)
  })

  test('take handlers by name or as a function', () => {
    const own = () => ({ action: 'fail' as const, deadLetters: [] })
    const settings = compileSettings(
      { applicationId: 'app', processingHandler: 'continue', productionHandler: own },
      'r',
    )
    expect([settings.processingHandler, settings.productionHandler]).toEqual([logAndContinue, own])
  })
})
