/** A panel of the dashboard, as data. */
export interface DashboardPanel {
  readonly title: string
  /** What the reader should make of it. */
  readonly description: string
  /** A unit of Grafana, such as `s` or `bytes`. */
  readonly unit: string
  /** Default: `timeseries`. */
  readonly kind?: 'stat' | 'timeseries'
  /** PromQL, each with its legend; without one Grafana shows all labels. */
  readonly queries: readonly (readonly [expression: string, legend?: string])[]
}

/** Each selector has it: the dashboard shows the jobs that were chosen at its top. */
const job = 'job=~"$job"'
const live = `${job},replay=""`

/** How often the processors of a job counted something in 10 minutes, by value. */
function increases(name: string): string {
  return `sum by (value) (increase(millrace_processor_counter_total{${job},name="${name}"}[10m]))`
}

/** The rows of "FastMCP Real-Time Log Streaming", from what matters most to details. */
export const dashboardRows: readonly { readonly title: string; readonly panels: readonly DashboardPanel[] }[] = [
  {
    title: 'Overview',
    panels: [
      {
        title: 'Processed',
        description: 'Records per second, repartition topics included.',
        unit: 'reqps',
        kind: 'stat',
        queries: [[`sum(rate(millrace_messages_processed_total{${job}}[$__rate_interval]))`]],
      },
      {
        title: 'Lag',
        description: 'Records that wait, in all partitions. Replays are left out.',
        unit: 'short',
        kind: 'stat',
        queries: [[`sum(kafka_consumer_lag{${live}})`]],
      },
      {
        title: 'Oldest record',
        description: 'Age of the oldest record that waits.',
        unit: 's',
        kind: 'stat',
        queries: [[`max(kafka_consumer_lag_seconds{${live}})`]],
      },
      {
        title: 'Dead letters in 1 h',
        description: 'Records that could not be processed. Look at any that is not 0.',
        unit: 'short',
        kind: 'stat',
        queries: [[`sum(increase(millrace_dead_letters_total{${job}}[1h]))`]],
      },
      {
        title: 'Running',
        description: 'Processes in the state RUNNING.',
        unit: 'short',
        kind: 'stat',
        queries: [[`sum(millrace_application_state{${job},state="RUNNING"})`]],
      },
      {
        title: 'Clients',
        description: 'Connections that are open to the HTTP servers of the workers.',
        unit: 'short',
        kind: 'stat',
        queries: [[`sum(millrace_client_connections{${job}})`]],
      },
    ],
  },
  {
    title: 'Input and lag',
    panels: [
      {
        title: 'Processed by job',
        description: 'Records per second.',
        unit: 'reqps',
        queries: [[`sum by (job) (rate(millrace_messages_processed_total{${job}}[$__rate_interval]))`, '{{job}}']],
      },
      {
        title: 'Lag by topic',
        description: 'Records between the committed offset and the end.',
        unit: 'short',
        queries: [[`sum by (topic) (kafka_consumer_lag{${live}})`, '{{topic}}']],
      },
      {
        title: 'Age of the next record',
        description: 'The oldest partition of each topic.',
        unit: 's',
        queries: [[`max by (topic) (kafka_consumer_lag_seconds{${live}})`, '{{topic}}']],
      },
      {
        title: 'Partitions that do not move',
        description: 'How long a partition with records has not been committed. More pods do not help it.',
        unit: 's',
        queries: [
          [`max by (topic, partition) (kafka_consumer_stuck_seconds{${live}}) > 30`, '{{topic}}-{{partition}}'],
        ],
      },
      {
        title: 'Lag not known',
        description: 'Partitions that alerts and scaling do not see, and partitions without a leader.',
        unit: 'short',
        queries: [
          [`sum(millrace_partitions_without_lag{${job}})`, 'without lag'],
          [`sum(millrace_partitions_without_leader{${job}})`, 'without leader'],
        ],
      },
      {
        title: 'Replays',
        description: 'Lag of replays in records: it says nothing about live work.',
        unit: 'short',
        queries: [[`sum by (replay) (kafka_consumer_lag{${job},replay!=""})`, '{{replay}}']],
      },
    ],
  },
  {
    title: 'Processing',
    panels: [
      {
        title: 'Latency',
        description: 'Age of a record by its timestamp when it has been processed.',
        unit: 's',
        queries: ['0.5', '0.95', '0.99'].map((share) => [
          `histogram_quantile(${share}, sum by (le) (rate(millrace_messaging_latency_seconds_bucket{${job}}[$__rate_interval])))`,
          share,
        ]),
      },
      {
        title: 'Commits',
        description: 'From the start of a commit until offsets and state are durable, 95 of 100.',
        unit: 's',
        queries: [
          [
            `histogram_quantile(0.95, sum by (le) (rate(millrace_commit_seconds_bucket{${job}}[$__rate_interval])))`,
            '0.95',
          ],
        ],
      },
      {
        title: 'Rounds',
        description: 'How long one round of processing blocks the event loop, 95 of 100.',
        unit: 's',
        queries: [
          [
            `histogram_quantile(0.95, sum by (le) (rate(millrace_process_round_seconds_bucket{${job}}[$__rate_interval])))`,
            '0.95',
          ],
        ],
      },
      {
        title: 'Buffers',
        description: 'Share of the record buffers in use.',
        unit: 'percentunit',
        queries: [[`max by (job) (millrace_buffer_utilization{${job}})`, '{{job}}']],
      },
      {
        title: 'Tasks',
        description: 'A task that restores does not process.',
        unit: 'short',
        queries: [[`sum by (state) (millrace_tasks{${job}})`, '{{state}}']],
      },
      {
        title: 'Restore',
        description: 'Changelog records that stores still have to restore.',
        unit: 'short',
        queries: [[`sum by (store) (millrace_restore_remaining_records{${job}})`, '{{store}}']],
      },
    ],
  },
  {
    title: 'Errors',
    panels: [
      {
        title: 'Errors',
        description: 'Errors that a thread recovered from, or that stopped it, per second.',
        unit: 'ops',
        queries: [[`sum by (code) (rate(millrace_streaming_errors_total{${job}}[$__rate_interval]))`, '{{code}}']],
      },
      {
        title: 'Dropped records',
        description: 'Per second, by reason: duplicates are dropped on purpose.',
        unit: 'ops',
        queries: [[`sum by (reason) (rate(millrace_dropped_records_total{${job}}[$__rate_interval]))`, '{{reason}}']],
      },
      {
        title: 'Tasks that fail and are retried',
        description: 'How long the longest has been failing, by error code.',
        unit: 's',
        queries: [[`max by (code) (millrace_task_trouble_seconds{${job}})`, '{{code}}']],
      },
    ],
  },
  {
    title: 'Logs',
    panels: [
      {
        title: 'Logs by level',
        description: 'Per second.',
        unit: 'ops',
        queries: [
          [
            `sum by (value) (rate(millrace_processor_counter_total{${job},name="log_level"}[$__rate_interval]))`,
            '{{value}}',
          ],
        ],
      },
      {
        title: 'Logs by component',
        description: 'The ten busiest, per second.',
        unit: 'ops',
        queries: [
          [
            `topk(10, sum by (value) (rate(millrace_processor_counter_total{${job},name="component"}[$__rate_interval])))`,
            '{{value}}',
          ],
        ],
      },
      {
        title: 'Alerts',
        description: 'Alerts that the fleet wrote in the last 10 minutes, by severity.',
        unit: 'short',
        queries: [
          [
            `sum by (value) (increase(millrace_processor_counter_total{${job},name="alert_severity"}[10m]))`,
            '{{value}}',
          ],
        ],
      },
    ],
  },
  {
    title: 'Alerts and notices',
    panels: [
      {
        title: 'Changes of alerts',
        description: 'In 10 minutes: alerts that began to fire or got worse, and alerts that were resolved.',
        unit: 'short',
        queries: [
          [increases('alert_firing'), 'firing {{value}}'],
          [increases('alert_resolved'), 'resolved {{value}}'],
        ],
      },
      {
        title: 'Notices',
        description:
          'In 10 minutes, by kind: notices that went to a notifier. Whether it takes them: the panel of sinks.',
        unit: 'short',
        queries: [[increases('notice_sent'), '{{value}}']],
      },
      {
        title: 'Inputs that are behind',
        description: 'How far the last partition of logs is behind the clock: no alert is over before it is read.',
        unit: 's',
        queries: [
          [`max by (instance) (millrace_processor_gauge{${job},name="alert_source_behind_seconds"})`, '{{instance}}'],
        ],
      },
      {
        title: 'Not seen by rules or notices',
        description: 'In 10 minutes: late logs, logs of the future, alerts and groups for which there was no room.',
        unit: 'short',
        queries: [
          [
            `sum by (name) (increase(millrace_processor_counter_total{${job},name=~"alert_logs_late|alert_logs_ahead|alert_groups_left_out|alert_rules_unknown"}[10m]))`,
            '{{name}}',
          ],
          [
            `sum by (name) (increase(millrace_processor_counter_total{${job},value="left-out"}[10m]))`,
            '{{name}} left out',
          ],
        ],
      },
    ],
  },
  {
    title: 'Sinks and brokers',
    panels: [
      {
        title: 'Sinks',
        description: '1: accepts documents. 0: records wait in Kafka.',
        unit: 'short',
        queries: [[`min by (sink) (millrace_sink_up{${job}})`, '{{sink}}']],
      },
      {
        title: 'Documents that wait',
        description: 'Neither written nor rejected.',
        unit: 'short',
        queries: [[`sum by (sink) (millrace_sink_buffered_documents{${job}})`, '{{sink}}']],
      },
      {
        title: 'Oldest document',
        description: 'How long it has waited.',
        unit: 's',
        queries: [[`max by (sink) (millrace_sink_oldest_document_seconds{${job}})`, '{{sink}}']],
      },
      {
        title: 'Brokers that fail',
        description: 'How long every request to the broker has failed.',
        unit: 's',
        queries: [[`max by (broker) (millrace_broker_failing_seconds{${job}})`, '{{broker}}']],
      },
      {
        title: 'Connections to brokers',
        description: 'Brokers that each process is connected to.',
        unit: 'short',
        queries: [[`millrace_kafka_connections{${job}}`, '{{instance}}']],
      },
      {
        title: 'Store entries that wait',
        description: 'Entries of stores that wait for the next commit.',
        unit: 'short',
        queries: [[`sum by (job) (millrace_dirty_entries{${job}})`, '{{job}}']],
      },
    ],
  },
  {
    title: 'Process',
    panels: [
      {
        title: 'Processor time',
        description: 'Cores in use by each process.',
        unit: 'short',
        queries: [[`rate(process_cpu_seconds_total{${job}}[$__rate_interval])`, '{{instance}}']],
      },
      {
        title: 'Memory',
        description: 'Resident memory, and the part of it that is heap in use.',
        unit: 'bytes',
        queries: [
          [`process_resident_memory_bytes{${job}}`, '{{instance}}'],
          [`nodejs_heap_size_used_bytes{${job}}`, '{{instance}} heap'],
        ],
      },
      {
        title: 'Garbage collection',
        description: 'Share of time.',
        unit: 'percentunit',
        queries: [
          [`sum by (instance) (rate(nodejs_gc_duration_seconds_sum{${job}}[$__rate_interval]))`, '{{instance}}'],
        ],
      },
      {
        title: 'Network',
        description: 'Bytes per second of the pod or machine.',
        unit: 'Bps',
        queries: [
          [`sum by (direction) (rate(millrace_network_bytes_total{${job}}[$__rate_interval]))`, '{{direction}}'],
        ],
      },
      {
        title: 'State disk',
        description: 'Free space of the file system that has the state.',
        unit: 'bytes',
        queries: [[`millrace_state_disk_bytes{${job},kind="free"}`, '{{instance}}']],
      },
      {
        title: 'Event loop',
        description: 'How late it is, 99 of 100, and how long a thread has completed no round.',
        unit: 's',
        queries: [
          [`max by (instance) (nodejs_eventloop_lag_p99_seconds{${job}})`, '{{instance}}'],
          [`max by (instance) (millrace_thread_seconds_since_round{${job}})`, '{{instance}} since round'],
        ],
      },
    ],
  },
]
