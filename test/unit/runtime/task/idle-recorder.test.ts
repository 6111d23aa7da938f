import { describe, expect, test } from '@jest/globals'
import type { Producer } from '../../../../src/kafka/port.ts'
import { CommitState } from '../../../../src/runtime/task/commit-state.ts'
import { decodeIdleClosing, type IdleClosing } from '../../../../src/runtime/task/idle-closing.ts'
import { IdleRecorder } from '../../../../src/runtime/task/idle-recorder.ts'

const member = { groupId: 'app', generation: 3, memberId: 'm', instanceId: undefined }

/** A task that reads one partition. */
class Recording {
  readonly commit = new CommitState(() => {})
  readonly written: IdleClosing[] = []
  readonly recorder: IdleRecorder
  offset = 5

  constructor(committed: Readonly<Record<string, number>> = {}) {
    const inputs = () => [{ topic: 'in', partition: 0, offset: this.offset, timeMs: 100 }]
    this.recorder = new IdleRecorder({ applicationId: 'app', taskId: '0_0', commit: this.commit, inputs })
    const operatorState = new Map(Object.entries(committed))
    this.commit.recall({ partitionTimeMs: 100, operatorState, topicId: undefined })
    this.recorder.open()
  }

  /** What a commit writes now, as `number:time@offset`. */
  write(): readonly string[] {
    const before = this.written.length
    const send: Producer['send'] = (topic, partition, _, value) => {
      expect([topic, partition]).toEqual(['app-idle-closings', 0])
      this.written.push(decodeIdleClosing(value ?? Buffer.from('')))
    }
    this.recorder.write({ send } as unknown as Producer, member, 1)
    this.recorder.committed()
    return this.written.slice(before).map(({ number, advancedMs, inputs }) => {
      return `${number}:${advancedMs}@${inputs[0]?.offset}`
    })
  }
}

describe('closings on idle input', () => {
  test('are written with the commit, numbered, with the place of the input', () => {
    const recording = new Recording()
    recording.recorder.advanced(200, true)
    recording.recorder.advanced(200, true)
    expect(recording.write()).toEqual(['1:200@5', '2:200@5'])
    expect(recording.written[0]).toMatchObject({ task: '0_0', writer: 'm/3' })
    expect(recording.commit.values.get('idle/closings')).toBe(2)
  })

  test('are one closing as long as nothing is due and no record comes', () => {
    const recording = new Recording()
    for (let looks = 0; looks < 50; looks++) recording.recorder.advanced(200, false)
    expect(recording.write()).toEqual([])
    expect(recording.commit.values.get('idle/pending')).toBe(10_000)
    recording.recorder.advanced(200, true)
    expect(recording.write()).toEqual(['1:10200@5'])
    expect(recording.commit.values.get('idle/pending')).toBe(0)
  })

  test('end with the next record, at the place before it', () => {
    const recording = new Recording()
    recording.recorder.advanced(200, false)
    recording.offset = 6
    expect(recording.write()).toEqual(['1:200@5'])
    recording.recorder.advanced(300, false)
    recording.offset = 7
    recording.recorder.advanced(400, true)
    expect(recording.write()).toEqual(['2:300@6', '3:400@7'])
  })

  test('continue after the number and the time of the last commit', () => {
    const recording = new Recording({ 'idle/closings': 7, 'idle/pending': 400 })
    recording.recorder.advanced(100, true)
    expect(recording.write()).toEqual(['8:500@5'])
  })
})
