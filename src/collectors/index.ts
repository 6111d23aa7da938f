// The door `millrace/collectors`: what others send, into a topic.
export { type Collector, type CollectorStatus, startCollector } from './collector.ts'
export type {
  CollectorOptions,
  HttpInputOptions,
  ListenOptions,
  RedisInputOptions,
  RedisListInputOptions,
  RedisStreamInputOptions,
  SyslogStreamOptions,
  SyslogTlsOptions,
} from './collector-options.ts'
export type { InputName, InputStatus, RefusalReason } from './tally.ts'
