import { expect, test } from '@jest/globals'
import { createMetrics } from '../../../src/ops/metrics.ts'
import type { BrokerHealth } from '../../../src/kafka/port.ts'
import type { ApplicationStatus } from '../../../src/runtime/application/application-status.ts'
import type { TaskStatus } from '../../../src/runtime/thread/thread-status.ts'

const well = { nodeId: 1, isConnected: true, failingForMs: undefined, lastErrorCode: undefined, requestsInFlight: 0 }
const broker = (given: Partial<BrokerHealth> & { address: string }): BrokerHealth => ({ ...well, ...given })

const task: TaskStatus = {
  taskId: '0_1',
  thread: 'thread-1',
  state: 'RUNNING',
  streamTimeMs: 5,
  partitions: [
    {
      topic: 'logs',
      partition: 1,
      committedOffset: 1,
      position: 2,
      endOffset: 12,
      lagRecords: 10,
      lagSeconds: 1.5,
      bufferedRecords: 500,
    },
  ],
  processed: 2,
  dropped: 3,
  droppedByReason: { duplicate: 3 },
  droppedByTopic: { logs: { duplicate: 3 } },
  deadLetters: 1,
  punctuated: 0,
  produced: 4,
  changelogged: 0,
  dirtyEntries: 7,
  trouble: { code: 'STORE_DISK_FULL', forMs: 12_000 },
  sinks: [
    {
      sink: 'search',
      state: 'delayed',
      stateForMs: 20_000,
      bufferedRecords: 40,
      bufferedBytes: 4000,
      oldestDocumentMs: 21_000,
      inFlight: 1,
      failedTries: 6,
      lastErrorCode: 'SINK_UNREACHABLE',
      lastError: 'connection refused',
    },
  ],
}

const status: ApplicationStatus = {
  applicationId: 'app',
  state: 'RUNNING',
  failure: undefined,
  threads: [{ name: 'thread-1', state: 'RUNNING', restoring: [], phase: 'polling', sinceRoundMs: 1500 }],
  kafka: {
    brokers: [
      broker({ address: 'a:9092' }),
      broker({ address: 'b:9092', isConnected: false, failingForMs: 12_000, lastErrorCode: 'CONNECTION_REFUSED' }),
    ],
    leaderless: [{ topic: 'logs', partition: 3, forMs: 5 }],
  },
  tasks: [task],
  metrics: {
    counters: [{ processor: 'fraud', name: 'alerts', value: 5 }],
    gauges: [{ processor: 'fraud', name: 'open', value: 2, taskId: '0_1' }],
  },
  totals: {
    processed: 2,
    commits: 1,
    lastCommitLatencyMs: 3,
    restoredTasks: 0,
    droppedByReason: { duplicate: 3 },
    droppedByTopic: { logs: { duplicate: 3 } },
    deadLetters: 1,
  },
}

async function textOf(current: ApplicationStatus | undefined): Promise<string> {
  return createMetrics({ status: () => current, bufferedRecordsPerPartition: 1000 }).text()
}

test.each([
  'kafka_consumer_lag{topic="logs",partition="1"} 10',
  'kafka_consumer_lag_seconds{topic="logs",partition="1"} 1.5',
  'millrace_buffer_utilization 0.5',
  'millrace_tasks{state="RUNNING"} 1',
  'millrace_application_state{state="RUNNING"} 1',
  'millrace_application_state{state="ERROR"} 0',
  'millrace_dropped_records{topic="logs",reason="duplicate"} 3',
  'millrace_dead_letters 1',
  'millrace_dirty_entries 7',
  'millrace_task_trouble_seconds{code="STORE_DISK_FULL"} 12',
  'millrace_processor_counter_total{processor="fraud",name="alerts"} 5',
  'millrace_processor_gauge{processor="fraud",name="open",task="0_1"} 2',
  'millrace_broker_up{broker="a:9092"} 1',
  'millrace_broker_up{broker="b:9092"} 0',
  'millrace_broker_failing_seconds{broker="b:9092"} 12',
  'millrace_partitions_without_leader 1',
  'millrace_sink_up{sink="search"} 0',
  'millrace_sink_oldest_document_seconds{sink="search"} 21',
  'millrace_sink_failed_tries{sink="search"} 6',
  'millrace_sink_buffered_documents{sink="search"} 40',
  'millrace_sink_last_error{sink="search",code="SINK_UNREACHABLE"} 1',
  'millrace_thread_seconds_since_round{thread="thread-1"} 1.5',
])('the metrics tell %s', async (line) => expect((await textOf(status)).split('\n')).toContain(line))

test('a lag that is not known is left out, not told as zero', async () => {
  const partitions = task.partitions.map((partition) => ({
    ...partition,
    lagRecords: undefined,
    lagSeconds: undefined,
  }))
  expect(await textOf({ ...status, tasks: [{ ...task, partitions }] })).not.toContain('kafka_consumer_lag{')
})

test('metrics of the process are there before the application is', async () => {
  expect(await textOf(undefined)).toContain('process_cpu_user_seconds_total')
})

test('events count: processed records, commits, errors by code', async () => {
  const metrics = createMetrics({ status: () => status, bufferedRecordsPerPartition: 1000 })
  metrics.listener.onRound?.({ thread: 't', polledRecords: 5, processedRecords: 5, processMs: 2 })
  metrics.listener.onCommit?.({ thread: 't', tasks: 1, latencyMs: 20 })
  metrics.listener.onError?.('t', { code: 'GROUP_FENCED' })
  const lines = (await metrics.text()).split('\n')
  expect(lines).toContain('millrace_messages_processed_total 5')
  expect(lines).toContain('millrace_commit_seconds_count 1')
  expect(lines).toContain('millrace_streaming_errors_total{code="GROUP_FENCED"} 1')
})

test('positions that were lost count by topic and kind, and the offsets that were skipped', async () => {
  const metrics = createMetrics({ status: () => status, bufferedRecordsPerPartition: 1000 })
  const loss = { thread: 't', topic: 'in', partition: 0 }
  metrics.listener.onPositionLost?.({ ...loss, kind: 'deleted', from: 5, to: 12 })
  metrics.listener.onPositionLost?.({ ...loss, kind: 'recreated', from: 40, to: 0 })
  const lines = (await metrics.text()).split('\n')
  expect(lines).toContain('millrace_positions_lost_total{topic="in",kind="deleted"} 1')
  expect(lines).toContain('millrace_positions_lost_total{topic="in",kind="recreated"} 1')
  expect(lines).toContain('millrace_skipped_offsets_total{topic="in"} 7')
})
