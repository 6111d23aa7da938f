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

  test('take handlers by name or as a function', () => {
    const own = () => ({ action: 'fail' as const, deadLetters: [] })
    const settings = compileSettings(
      { applicationId: 'app', processingHandler: 'continue', productionHandler: own },
      'r',
    )
    expect([settings.processingHandler, settings.productionHandler]).toEqual([logAndContinue, own])
  })
})
