import type { JsonPreset } from './json-preset.ts'

/** What libraries write, by language. The usual names say the rest. */
export const loggers: readonly JsonPreset[] = [
  // JavaScript
  { name: 'bunyan', marks: ['v:number', 'name', 'hostname', 'level:number'], levelScheme: 'pino', service: 'name' },
  {
    name: 'pino',
    marks: ['level:number', 'time', 'pid|hostname|msg'],
    levelScheme: 'pino',
    service: ['service', 'name'],
    component: ['component', 'module'],
    duration: 'responseTime',
    durationUnit: 'ms',
  },
  // Java
  {
    name: 'log4j2',
    marks: ['loggerName', 'level', 'instant|timeMillis|thread|endOfBatch'],
    time: ['instant', 'timeMillis', 'timestamp'],
    component: 'loggerName',
    error: ['thrown', 'error'],
  },
  {
    name: 'jboss',
    marks: ['loggerClassName', 'loggerName', 'level'],
    component: 'loggerName',
    error: ['exception', 'stackTrace'],
  },
  {
    name: 'logback',
    marks: ['loggerName', 'threadName|context|sequenceNumber', 'level'],
    component: 'loggerName',
    error: 'throwable',
  },
  {
    name: 'logstash-encoder',
    marks: ['@version', 'logger_name|level_value'],
    level: ['level', 'level_value'],
    levelScheme: 'logback',
    component: 'logger_name',
    error: 'stack_trace',
  },
  // .NET
  {
    name: 'clef',
    marks: ['@t', '@m|@mt|@l|@x|@i'],
    time: '@t',
    level: '@l',
    message: ['@m', '@mt'],
    component: 'SourceContext',
    host: 'MachineName',
    error: '@x',
    traceId: '@tr',
    spanId: '@sp',
    duration: 'Elapsed',
    durationUnit: 'ms',
  },
  {
    name: 'serilog',
    marks: ['MessageTemplate', 'Timestamp|Level'],
    time: 'Timestamp',
    level: 'Level',
    message: ['RenderedMessage', 'MessageTemplate'],
    component: 'Properties.SourceContext',
    host: 'Properties.MachineName',
    error: 'Exception',
    duration: 'Properties.Elapsed',
    durationUnit: 'ms',
  },
  {
    name: 'dotnet',
    marks: ['LogLevel', 'Message|State|Category'],
    time: 'Timestamp',
    level: 'LogLevel',
    levelScheme: 'dotnet',
    message: ['Message', 'State.Message'],
    component: 'Category',
    error: 'Exception',
  },
  // Python
  {
    name: 'loguru',
    marks: ['record.level', 'record.message'],
    time: 'record.time',
    level: 'record.level',
    levelScheme: 'python',
    message: 'record.message',
    component: 'record.name',
    error: 'record.exception',
  },
  {
    name: 'python',
    marks: ['levelname|levelno', 'message|msg'],
    time: ['asctime', 'timestamp', 'created'],
    level: ['levelname', 'levelno'],
    levelScheme: 'python',
    component: 'name',
    error: ['exc_info', 'exc_text'],
  },
  {
    name: 'structlog',
    marks: ['event:text', 'level|log_level', 'timestamp|logger'],
    message: 'event',
    component: 'logger',
  },
  // PHP
  {
    name: 'monolog',
    marks: ['channel', 'level_name|level:number', 'datetime|context'],
    time: 'datetime',
    level: ['level_name', 'level'],
    levelScheme: 'monolog',
    component: 'channel',
    error: 'context.exception',
  },
  // Ruby
  {
    name: 'semantic-logger',
    marks: ['level_index', 'name'],
    component: 'name',
    service: 'application',
    error: 'exception',
  },
  {
    name: 'lograge',
    marks: ['controller', 'action', 'status'],
    statusCode: 'status',
    duration: 'duration',
    durationUnit: 'ms',
    ip: ['ip', 'remote_ip'],
    component: 'controller',
  },
  // Rust
  {
    name: 'rust-tracing',
    marks: ['target', 'fields:object', 'level'],
    message: 'fields.message',
    component: 'target',
    error: 'fields.error',
  },
  // Go
  { name: 'hclog', marks: ['@level', '@message'], level: '@level', message: '@message', component: '@module' },
  {
    name: 'zap',
    marks: ['ts', 'level:text', 'msg'],
    component: ['logger', 'component'],
    error: ['error', 'stacktrace'],
  },
  { name: 'zerolog', marks: ['level:text', 'time', 'message'], component: ['component', 'logger'] },
  { name: 'slog', marks: ['level:text', 'time', 'msg'], component: ['component', 'logger'] },
  // Has no marks of its own: what it writes is read by the usual names.
  {
    name: 'winston',
    marks: [],
    component: ['component', 'logger', 'label', 'loggerName', 'module'],
  },
]
