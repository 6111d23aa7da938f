import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { long, StreamsBuilder, string } from '../../../src/index.ts'
import { createMetrics } from '../../../src/ops/index.ts'
import { createMemoryDriver } from '../../../src/kafka/memory/driver.ts'
import { ControlLog } from '../../../src/replay/control-log.ts'
import { ReplayLedger } from '../../../src/replay/ledger.ts'
import { filesSink } from '../../../src/sinks/index.ts'
import { ReplayWorld } from './replay-world.ts'

function uppercase() {
  const builder = new StreamsBuilder()
  builder
    .stream('in', { key: string(), value: string() })
    .mapValues((value) => value.toUpperCase())
    .to('out', { value: string() })
  return builder.build()
}

function counts() {
  const builder = new StreamsBuilder()
  const text = { key: string(), value: string() }
  builder.stream('in', text).groupByKey().count({ store: 'counts' }).toStream().to('out', { value: long() })
  return builder.build()
}

function world(records: number): ReplayWorld {
  const made = new ReplayWorld(uppercase(), { in: 2, out: 2 })
  for (let index = 0; index < records; index++) made.append('in', index % 2, `k${index}`, `v${index}`, 1000 + index)
  return made
}

describe('the processes of a replay', () => {
  test('one that left is continued by the next one', async () => {
    const some = world(400)
    const first = await some.replays()
    await some.finish(first.plan({ id: 'r1', throttle: { recordsPerSecond: 1000 } }))
    const left = first.run('r1')
    await some.run(200)
    await some.finish(first.leave())
    expect(await some.finish(left)).toBe('left')
    const { done } = await some.finish(first.status('r1'))
    expect(done).toBeLessThan(400)
    expect(await some.finish(first.run('r1'))).toBe('done')
    await some.finish(first.close())
    expect(some.lines('out-replay-app-r1')).toHaveLength(400)
  })

  test('two of them share the work', async () => {
    const some = world(400)
    const [first, second] = [await some.replays(), await some.replays()]
    await some.finish(first.plan({ id: 'r1', skewMs: 50, throttle: { recordsPerSecond: 500 } }))
    const ends = await some.finish(Promise.all([first.run('r1'), second.run('r1')]))
    expect(ends).toEqual(['done', 'done'])
    const { processes } = await some.finish(first.status('r1'))
    await some.finish(Promise.all([first.close(), second.close()]))
    expect(processes).toBe(2)
    expect(some.lines('out-replay-app-r1')).toHaveLength(400)
  })
})

describe('the metrics of a replay', () => {
  test('have its lag with the id of the replay while a process works on it, and none before', async () => {
    const some = world(400)
    const replays = await some.replays()
    const metrics = createMetrics({ status: () => replays.applicationStatus('r1'), replay: 'r1' })
    await some.finish(replays.plan({ id: 'r1', throttle: { recordsPerSecond: 50 } }))
    const before = await metrics.text()
    const run = replays.run('r1')
    await some.until(() => (replays.applicationStatus('r1')?.tasks ?? []).length > 0)
    await some.run(500)
    const during = await metrics.text()
    await some.finish(Promise.all([replays.close(), run]))
    const lag = /^kafka_consumer_lag\{topic="in",partition="0",replay="r1"\} [1-9]/m
    expect(before).not.toMatch(lag)
    expect(during).toMatch(lag)
  })
})

describe('a replay that is paused', () => {
  test('reads nothing until it is resumed', async () => {
    const some = world(400)
    const replays = await some.replays()
    await some.finish(replays.plan({ id: 'r1', throttle: { recordsPerSecond: 50 } }))
    const run = replays.run('r1')
    const watcher = await some.replays()
    await some.until(() => some.cluster.topics.has('out-replay-app-r1') && some.lines('out-replay-app-r1').length > 0)
    await some.finish(watcher.pause('r1'))
    for (let step = 0; step < 20; step++) await some.run(50)
    const before = some.lines('out-replay-app-r1').length
    for (let step = 0; step < 100; step++) await some.run(50)
    expect(some.lines('out-replay-app-r1')).toHaveLength(before)
    await some.finish(watcher.resume('r1'))
    await some.finish(run)
    await some.finish(Promise.all([replays.close(), watcher.close()]))
    expect(before).toBeLessThan(400)
    expect(some.lines('out-replay-app-r1')).toHaveLength(400)
  })
})

describe('a replay whose input retention deletes', () => {
  test('names the partition and the offsets that were deleted after it was planned', async () => {
    const some = world(40)
    const replays = await some.replays()
    await some.finish(replays.plan({ id: 'r1' }))
    some.cluster.topic('in').logs[0]?.deleteBefore(10)
    await expect(some.finish(replays.run('r1'))).rejects.toThrow('(in-0 from 0 to 9): plan another one')
    await some.finish(replays.close())
  })

  test('is not continued where they were deleted in between', async () => {
    const some = world(4000)
    const replays = await some.replays()
    await some.finish(replays.plan({ id: 'r1', throttle: { recordsPerSecond: 100 } }))
    const run = replays.run('r1')
    const ended = run.catch((error: unknown) => (error as { code: string }).code)
    await some.until(() => some.cluster.topics.has('out-replay-app-r1') && some.lines('out-replay-app-r1').length > 0)
    await some.finish(replays.leave())
    some.cluster.topic('in').logs[1]?.deleteBefore(1900)
    expect(await some.finish(ended)).toBe('left')
    await expect(some.finish(replays.run('r1'))).rejects.toMatchObject({ code: 'REPLAY_INPUT_DELETED' })
    await some.finish(replays.close())
  })

  test('is done where only what it has read is deleted', async () => {
    const some = world(40)
    const replays = await some.replays()
    await some.finish(replays.plan({ id: 'r1', offsets: [{ topic: 'in', partition: 0, from: 10 }] }))
    some.cluster.topic('in').logs[0]?.deleteBefore(10)
    some.cluster.topic('in').logs[1]?.deleteBefore(20)
    expect(await some.finish(replays.run('r1'))).toBe('done')
    await some.finish(replays.close())
  })
})

describe('a replay that may not disturb the live application', () => {
  test('reads nothing while the live group is behind', async () => {
    const some = world(400)
    const place = { topic: 'in', metadata: '' }
    const noMember = { groupId: 'app', generation: -1, memberId: '', instanceId: undefined }
    const group = some.cluster.group('app')
    group.commit([{ ...place, partition: 0, offset: 10 }], noMember)
    const replays = await some.replays()
    await some.finish(replays.plan({ id: 'r1', throttle: { liveLagMax: 50 } }))
    const run = replays.run('r1')
    await some.until(() => some.cluster.topics.has('out-replay-app-r1'))
    for (let step = 0; step < 60; step++) await some.run(50)
    expect(some.lines('out-replay-app-r1')).toHaveLength(0)
    group.commit([{ ...place, partition: 0, offset: 200 }], noMember)
    await some.finish(run)
    await some.finish(replays.close())
    expect(some.lines('out-replay-app-r1')).toHaveLength(400)
  })
})

describe('a replay that is aborted', () => {
  test('ends its processes and deletes its group and topics', async () => {
    const some = world(400)
    const replays = await some.replays()
    await some.finish(replays.plan({ id: 'r1', throttle: { recordsPerSecond: 100 } }))
    const run = replays.run('r1')
    const ended = run.catch((error: unknown) => (error as { code: string }).code)
    await some.until(() => some.cluster.topics.has('out-replay-app-r1'))
    const watcher = await some.replays()
    await some.finish(watcher.abort('r1'))
    expect(await some.finish(ended)).toBe('REPLAY_ABORTED')
    await some.finish(Promise.all([replays.close(), watcher.close()]))
    expect([...some.cluster.topics.keys()].sort()).toEqual(['app-replays', 'in', 'out'])
    expect(some.cluster.groups.has('app-replay-r1')).toBe(false)
  })

  test('deletes its dead letters, and keeps those of the live application', async () => {
    const some = new ReplayWorld(uppercase(), { in: 2, out: 2, letters: 1 }, { deadLetterTopic: 'letters' })
    some.append('in', 0, 'k', 'v', 1000)
    await some.replay({ id: 'r1' })
    const before = [...some.cluster.topics.keys()].filter((name) => name.startsWith('letters')).length
    const replays = await some.replays()
    await some.finish(replays.abort('r1'))
    await some.finish(replays.close())
    expect(before).toBe(2)
    expect([...some.cluster.topics.keys()].sort()).toEqual(['app-replays', 'in', 'letters', 'out'])
  })

  test('has nothing left of a process that started meanwhile', async () => {
    for (let turns = 0; turns < 60; turns++) {
      const some = world(40)
      const [replays, watcher] = [await some.replays(), await some.replays()]
      await some.finish(replays.plan({ id: 'r1' }))
      const aborted = watcher.abort('r1')
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      const starting = replays.run('r1').catch((error: unknown) => (error as { code: string }).code)
      await some.finish(aborted)
      expect(await some.finish(starting)).toBe('REPLAY_ABORTED')
      await some.finish(Promise.all([replays.close(), watcher.close()]))
      expect([...some.cluster.topics.keys()].sort()).toEqual(['app-replays', 'in', 'out'])
      expect(some.cluster.groups.has('app-replay-r1')).toBe(false)
    }
  })
})

describe('a process of a replay that another one has ended', () => {
  test('leaves also where the replay is in place already', async () => {
    const some = world(400)
    const replays = await some.replays()
    await some.finish(replays.plan({ id: 'r1', throttle: { recordsPerSecond: 10 } }))
    const run = replays.run('r1')
    await some.until(() => some.cluster.topics.has('out-replay-app-r1'))
    const log = await some.finish(ControlLog.open(createMemoryDriver(some.cluster), 'app-replays', some.clock))
    const ledger = new ReplayLedger(log)
    await some.finish(ledger.mark('r1', 'done'))
    await some.finish(ledger.mark('r1', 'cut-over'))
    expect(await some.finish(run)).toBe('done')
    await some.finish(replays.close())
  })
})

describe('a replay of a table that restores from its input', () => {
  test.each(['done', 'aborted'])('keeps the input when it is %s', async (end) => {
    const builder = new StreamsBuilder()
    builder.table('in', { key: string(), value: string(), store: 'rows' }).toStream().to('out')
    const some = new ReplayWorld(builder.build({ optimize: 'all' }), { in: 1, out: 1 })
    some.append('in', 0, 'k', 'v', 1000)
    const replays = await some.replays()
    await some.finish(replays.plan({ id: 'r1' }))
    await some.finish<unknown>(end === 'done' ? replays.run('r1') : replays.abort('r1'))
    await some.finish(replays.close())
    expect(some.lines('in')).toEqual(['k=v@1000'])
  })
})

describe('the topics of a replay of old records', () => {
  test('keep what is older than their retention', async () => {
    const some = world(10)
    some.clock.advance(1_000_000_000)
    for (let index = 0; index < 10; index++) some.append('out', 0, `k${index}`, 'live', 1000 + index)
    const admin = createMemoryDriver(some.cluster).admin()
    await admin.alterTopicConfigs('out', { 'retention.ms': '60000' })
    await some.replay({ id: 'r1' })
    some.cluster.applyRetention()
    expect(some.lines('out')).toHaveLength(0)
    expect(some.lines('out-replay-app-r1')).toHaveLength(10)
  })
})

describe('a finished replay', () => {
  test('is equal to the live run by counts and hashes', async () => {
    const some = world(0)
    await some.runLive(Array.from({ length: 50 }, (_, index) => ['in', index % 2, `k${index}`, 'v', 1000 + index]))
    await some.replay({ id: 'r1' })
    const replays = await some.replays()
    const { isEqual, outputs } = await some.finish(replays.verify('r1'))
    await some.finish(replays.close())
    expect(isEqual).toBe(true)
    expect(outputs[0]?.comparison).toMatchObject({ equal: 50, onlyLive: 0, onlyReplay: 0 })
  })

  test('differs from the live run where one of its results is missing', async () => {
    const some = world(0)
    await some.runLive(Array.from({ length: 50 }, (_, index) => ['in', index % 2, `k${index}`, 'v', 1000 + index]))
    some.append('out', 0, 'k', 'by hand', 1000)
    await some.replay({ id: 'r1' })
    const replays = await some.replays()
    const { isEqual, outputs } = await some.finish(replays.verify('r1'))
    await some.finish(replays.close())
    expect(isEqual).toBe(false)
    expect(outputs[0]?.comparison).toMatchObject({ equal: 50, onlyLive: 1, onlyReplay: 0 })
  })

  test('differs from the live run where one of two identical results is missing', async () => {
    const some = world(0)
    await some.runLive([['in', 0, 'k', 'v', 1000]])
    some.append('out', 0, 'k', 'V', 1000)
    await some.replay({ id: 'r1' })
    const replays = await some.replays()
    const { isEqual, outputs } = await some.finish(replays.verify('r1'))
    await some.finish(replays.close())
    expect(isEqual).toBe(false)
    expect(outputs[0]?.comparison).toMatchObject({ equal: 1, fewer: 1, onlyLive: 0, onlyReplay: 0 })
  })

  test('is equal to a live run that has more results since the plan', async () => {
    const some = world(0)
    await some.runLive(Array.from({ length: 50 }, (_, index) => ['in', index % 2, `k${index}`, 'v', 1000 + index]))
    await some.replay({ id: 'r1' })
    await some.runLive([['in', 0, 'later', 'v', some.clock.nowMs()]])
    const replays = await some.replays()
    const { isEqual, outputs } = await some.finish(replays.verify('r1'))
    await some.finish(replays.close())
    expect(outputs[0]?.comparison).toMatchObject({ equal: 50, onlyLive: 0, onlyReplay: 0 })
    expect(isEqual).toBe(true)
  })

  test('is equal in the last result of each key where a record cache leaves out others', async () => {
    const some = new ReplayWorld(counts(), { in: 2, out: 2 })
    await some.runLive(Array.from({ length: 200 }, (_, index) => ['in', 0, `k${index % 2}`, 'v', 1000 + index]))
    await some.replay({ id: 'r1' })
    const replays = await some.replays()
    const { isEqual, outputs } = await some.finish(replays.verify('r1'))
    await some.finish(replays.close())
    const [{ comparison } = { comparison: undefined }] = outputs
    expect(comparison?.live.records).toBeGreaterThan(comparison?.replay.records ?? 0)
    expect(comparison).toMatchObject({ isLastOfKey: true, equal: 2, onlyLive: 0, onlyReplay: 0 })
    expect(isEqual).toBe(true)
  })

  test('shows keys and values of different results as the topology reads them', async () => {
    const some = new ReplayWorld(counts(), { in: 2, out: 2 })
    some.append('in', 0, 'k', 'v', 1000)
    await some.replay({ id: 'r1' })
    const replays = await some.replays()
    const { outputs } = await some.finish(replays.verify('r1'))
    await some.finish(replays.close())
    expect(outputs[0]?.comparison?.samples).toMatchObject([{ key: 'k', value: '1', timestamp: 1000 }])
  })

  test('is put in place of the live topic, and taken back', async () => {
    const some = world(10)
    await some.replay({ id: 'r1' })
    const replays = await some.replays()
    await some.finish(replays.cutOver('r1'))
    expect(await some.finish(replays.currentTopic('out'))).toBe('out-replay-app-r1')
    await some.finish(replays.revert('r1'))
    expect(await some.finish(replays.currentTopic('out'))).toBe('out')
    await some.finish(replays.close())
  })

  test('is taken back only after the replays that were put in place over it', async () => {
    const some = world(10)
    await some.replay({ id: 'r1' })
    await some.replay({ id: 'r2' })
    const replays = await some.replays()
    await some.finish(replays.cutOver('r1'))
    await some.finish(replays.cutOver('r2'))
    await expect(some.finish(replays.revert('r1'))).rejects.toThrow('revert r2 first')
    await some.finish(replays.revert('r2'))
    expect(await some.finish(replays.currentTopic('out'))).toBe('out-replay-app-r1')
    await some.finish(replays.revert('r1'))
    expect(await some.finish(replays.currentTopic('out'))).toBe('out')
    await some.finish(replays.close())
  })

  test('says which outputs have readers that follow no alias', async () => {
    const builder = new StreamsBuilder()
    builder.stream('in', { key: string(), value: string() }).toSink('archive')
    const directory = mkdtempSync(join(tmpdir(), 'millrace-replay-'))
    const sink = filesSink({ name: 'archive', directory, file: 'lines' })
    const some = new ReplayWorld(builder.build(), { in: 1 }, { sinks: [sink] })
    await some.replay({ id: 'r1' })
    const replays = await some.replays()
    const left = await some.finish(replays.cutOver('r1'))
    await some.finish(replays.close())
    rmSync(directory, { recursive: true })
    expect(left).toEqual([expect.stringContaining('archive: its readers do not follow an alias')])
  })

  test('cannot be put in place before it has ended', async () => {
    const some = world(10)
    const replays = await some.replays()
    await some.finish(replays.plan({ id: 'r1' }))
    await expect(some.finish(replays.cutOver('r1'))).rejects.toMatchObject({ code: 'REPLAY_STATE' })
    await some.finish(replays.close())
  })
})
