import { describe, expect, test } from '@jest/globals'
import type { Fields } from '../../../../../src/pipelines/field-value.ts'
import { jsonPresetNames } from '../../../../../src/pipelines/presets/json/json-presets.ts'
import { createLogReader } from '../../../../../src/pipelines/read-log.ts'

const receivedMs = Date.UTC(2026, 10, 24, 8, 0, 1)
const iso = '2026-11-24T07:59:59.250Z'
const timestamp = Date.parse(iso)
const seconds = timestamp / 1000

function read(record: object): { readonly fields: Fields; readonly tags: readonly string[] } {
  const events = createLogReader().read(JSON.stringify(record), receivedMs, 'source')
  expect(events).toHaveLength(1)
  const [{ fields, tags }] = events as unknown as readonly [{ fields: Fields; tags: readonly string[] }]
  return { fields, tags }
}

/** The preset, a record as the program writes it, and what it says. */
const samples: readonly (readonly [string, object, object])[] = [
  [
    'pino',
    {
      level: 50,
      time: timestamp,
      pid: 7,
      hostname: 'web-1',
      name: 'shop',
      req: { id: 'r1' },
      res: { statusCode: 502 },
      responseTime: 12.5,
      msg: 'no stock',
      err: { type: 'TypeError', message: 'x is null', stack: 'TypeError: x is null\n at a.js:1' },
    },
    {
      level: 'error',
      message: 'no stock',
      service: 'shop',
      host: 'web-1',
      statusCode: 502,
      durationMs: 12.5,
      correlationId: 'r1',
      error: { type: 'TypeError', message: 'x is null', stack: 'TypeError: x is null\n at a.js:1' },
    },
  ],
  [
    'bunyan',
    { name: 'shop', hostname: 'web-1', pid: 7, level: 40, msg: 'slow', time: iso, v: 0 },
    { level: 'warn', message: 'slow', service: 'shop', host: 'web-1' },
  ],
  [
    'log4j2',
    {
      instant: { epochSecond: Math.floor(seconds), nanoOfSecond: 250_000_000 },
      thread: 'main',
      level: 'FATAL',
      loggerName: 'shop.Stock',
      message: 'no disk',
      thrown: { name: 'java.io.IOException', message: 'full' },
    },
    {
      level: 'critical',
      message: 'no disk',
      component: 'shop.Stock',
      error: { type: 'java.io.IOException', name: 'java.io.IOException', message: 'full' },
    },
  ],
  [
    'jboss',
    {
      timestamp: iso,
      sequence: 9,
      loggerClassName: 'org.jboss.logging.Logger',
      loggerName: 'shop.Stock',
      level: 'WARN',
      message: 'slow',
      hostName: 'web-1',
    },
    { level: 'warn', message: 'slow', component: 'shop.Stock', host: 'web-1' },
  ],
  [
    'logback',
    { sequenceNumber: 0, timestamp, level: 'ERROR', threadName: 'main', loggerName: 'shop.Stock', message: 'no stock' },
    { level: 'error', message: 'no stock', component: 'shop.Stock' },
  ],
  [
    'logstash-encoder',
    {
      '@timestamp': '2026-11-24T08:59:59.250+01:00',
      '@version': '1',
      message: 'no stock',
      logger_name: 'shop.Stock',
      level: 'ERROR',
      level_value: 40000,
      stack_trace: 'java.io.IOException: full\n\tat a.b(C.java:1)',
    },
    {
      level: 'error',
      message: 'no stock',
      component: 'shop.Stock',
      error: { type: 'java.io.IOException', message: 'full', stack: 'java.io.IOException: full\n\tat a.b(C.java:1)' },
    },
  ],
  [
    'clef',
    {
      '@t': iso,
      '@mt': 'Order {OrderId} of {@User} failed',
      '@l': 'Fatal',
      '@x': 'System.IO.IOException: full\n at A.B()',
      OrderId: 42,
      User: { Name: 'ann' },
      SourceContext: 'Shop.Stock',
    },
    {
      level: 'critical',
      message: 'Order 42 of {"Name":"ann"} failed',
      component: 'Shop.Stock',
      error: { type: 'System.IO.IOException', message: 'full', stack: 'System.IO.IOException: full\n at A.B()' },
    },
  ],
  [
    'serilog',
    {
      Timestamp: iso,
      Level: 'Warning',
      MessageTemplate: 'Order {OrderId} is late',
      Properties: { OrderId: 42, SourceContext: 'Shop.Stock' },
    },
    { level: 'warn', message: 'Order 42 is late', component: 'Shop.Stock' },
  ],
  [
    'dotnet',
    { Timestamp: iso, EventId: 7, LogLevel: 'Critical', Category: 'Shop.Stock', Message: 'no disk' },
    { level: 'critical', message: 'no disk', component: 'Shop.Stock', EventId: 7 },
  ],
  [
    'loguru',
    {
      text: 'x',
      record: {
        level: { name: 'WARNING', no: 30 },
        message: 'slow',
        name: 'shop.stock',
        time: { repr: '2026', timestamp: seconds },
      },
    },
    { level: 'warn', message: 'slow', component: 'shop.stock' },
  ],
  [
    'python',
    { asctime: '2026-11-24 07:59:59,250', levelname: 'WARNING', name: 'shop.stock', message: 'slow' },
    { level: 'warn', message: 'slow', component: 'shop.stock' },
  ],
  [
    'structlog',
    { event: 'slow', level: 'warning', timestamp: iso, logger: 'shop.stock' },
    { level: 'warn', message: 'slow', component: 'shop.stock' },
  ],
  [
    'monolog',
    {
      message: 'no stock',
      context: { exception: { class: 'RuntimeException', message: 'full' } },
      level: 400,
      level_name: 'ERROR',
      channel: 'shop',
      datetime: '2026-11-24T07:59:59.250000+00:00',
      extra: {},
    },
    {
      level: 'error',
      message: 'no stock',
      component: 'shop',
      error: { type: 'RuntimeException', class: 'RuntimeException', message: 'full' },
    },
  ],
  [
    'semantic-logger',
    {
      timestamp: iso,
      level: 'error',
      level_index: 4,
      name: 'Stock',
      message: 'no stock',
      duration_ms: 12.5,
      host: 'web-1',
      application: 'shop',
    },
    { level: 'error', message: 'no stock', component: 'Stock', service: 'shop', host: 'web-1', durationMs: 12.5 },
  ],
  [
    'lograge',
    { method: 'GET', path: '/', controller: 'Stock', action: 'show', status: 502, duration: 12.5, '@timestamp': iso },
    { statusCode: 502, durationMs: 12.5, component: 'Stock' },
  ],
  [
    'rust-tracing',
    { timestamp: iso, level: 'WARN', fields: { message: 'slow', order: 42 }, target: 'shop::stock' },
    { level: 'warn', message: 'slow', component: 'shop::stock', fields: { order: 42 } },
  ],
  [
    'hclog',
    { '@level': 'error', '@message': 'sealed', '@module': 'core', '@timestamp': iso },
    { level: 'error', message: 'sealed', component: 'core' },
  ],
  [
    'zap',
    {
      level: 'dpanic',
      ts: seconds,
      caller: 'a.go:1',
      msg: 'no stock',
      error: 'refused',
      stacktrace: 'main.main\n\ta.go:1',
    },
    { level: 'critical', message: 'no stock', error: { message: 'refused', stack: 'main.main\n\ta.go:1' } },
  ],
  [
    'zerolog',
    { level: 'error', time: seconds, message: 'no stock', error: 'refused' },
    { level: 'error', message: 'no stock', error: { message: 'refused' } },
  ],
  [
    'slog',
    { time: '2026-11-24T07:59:59.250Z', level: 'ERROR+2', msg: 'no stock' },
    { level: 'error', message: 'no stock' },
  ],
  [
    'otlp',
    {
      timeUnixNano: `${timestamp}000000`,
      severityNumber: 17,
      body: { stringValue: 'no stock' },
      attributes: [{ key: 'http.response.status_code', value: { intValue: '502' } }],
      traceId: 'a1',
      spanId: 'b2',
    },
    {
      level: 'error',
      message: 'no stock',
      statusCode: 502,
      traceId: 'a1',
      spanId: 'b2',
      attributes: { 'http.response.status_code': '502' },
    },
  ],
  [
    'otel',
    {
      Timestamp: `${timestamp}000000`,
      SeverityText: 'WARN',
      SeverityNumber: 13,
      Body: 'slow',
      Resource: { 'service.name': 'shop' },
      TraceId: 'a1',
    },
    { level: 'warn', message: 'slow', service: 'shop', traceId: 'a1' },
  ],
  [
    'cloudwatch',
    {
      messageType: 'DATA_MESSAGE',
      logGroup: 'g',
      logStream: 's',
      logEvents: [{ id: '3', timestamp, message: 'plain words' }],
    },
    { message: 'plain words', eventId: '3', logGroup: 'g' },
  ],
  [
    'gcp',
    {
      insertId: 'i1',
      timestamp: iso,
      severity: 'ALERT',
      textPayload: 'no stock',
      trace: 'projects/p/traces/a1',
      resource: { type: 'k8s_container', labels: { container_name: 'shop' } },
    },
    { level: 'critical', message: 'no stock', service: 'shop', traceId: 'a1', eventId: 'i1' },
  ],
  [
    'gcp',
    {
      insertId: 'i1',
      timestamp: iso,
      severity: 'INFO',
      httpRequest: { status: 502, remoteIp: '203.0.113.9', latency: '0.0125s' },
      resource: {},
    },
    { level: 'info', statusCode: 502, ip: '203.0.113.9', durationMs: 12.5 },
  ],
  [
    'gke',
    { severity: 'ERROR', message: 'no stock', time: iso, 'logging.googleapis.com/trace': 'projects/p/traces/a1' },
    { level: 'error', message: 'no stock', traceId: 'a1' },
  ],
  [
    'azure',
    {
      time: iso,
      level: 2,
      resourceId: '/S',
      operationName: 'Start',
      callerIpAddress: '203.0.113.9',
      durationMs: '12',
      properties: { message: 'no stock' },
    },
    { level: 'error', message: 'no stock', ip: '203.0.113.9', durationMs: 12 },
  ],
  [
    'journald',
    {
      __REALTIME_TIMESTAMP: `${timestamp}000`,
      PRIORITY: '4',
      MESSAGE: 'slow',
      _HOSTNAME: 'web-1',
      SYSLOG_IDENTIFIER: 'shop',
      __CURSOR: 'c1',
    },
    { level: 'warn', message: 'slow', host: 'web-1', component: 'shop', eventId: 'c1' },
  ],
  ['docker', { log: 'plain words\n', stream: 'stderr', time: iso }, { message: 'plain words', stream: 'stderr' }],
  [
    'kubernetes',
    {
      '@timestamp': iso,
      log: 'plain words',
      kubernetes: { pod_name: 'p', host: 'node-1', labels: { 'app.kubernetes.io/name': 'shop' } },
    },
    { message: 'plain words', host: 'node-1', service: 'shop' },
  ],
  [
    'fluent-bit',
    { '@fluent-bit-time': seconds, log: 'plain words', hostname: 'web-1', service: 'shop' },
    { message: 'plain words', host: 'web-1', service: 'shop' },
  ],
  [
    'winlogbeat',
    {
      '@timestamp': iso,
      log: { level: 'error' },
      message: 'An account failed to log on.',
      host: { name: 'pc-1' },
      winlog: {
        event_id: 4625,
        computer_name: 'pc-1.example.com',
        event_data: { TargetUserName: 'ann', IpAddress: '203.0.113.9' },
      },
    },
    {
      level: 'error',
      message: 'An account failed to log on.',
      host: 'pc-1.example.com',
      ip: '203.0.113.9',
      userId: 'ann',
    },
  ],
  [
    'filebeat',
    {
      '@timestamp': iso,
      '@metadata': { beat: 'filebeat' },
      message: 'plain words',
      host: { name: 'web-1' },
      agent: { type: 'filebeat' },
    },
    { message: 'plain words', host: 'web-1', attributes: { host: { name: 'web-1' } } },
  ],
  [
    'vector',
    { file: '/var/log/a.log', host: 'web-1', message: 'plain words', source_type: 'file', timestamp: iso },
    { message: 'plain words', host: 'web-1' },
  ],
  [
    'splunk-hec',
    { time: seconds, host: 'web-1', sourcetype: 'shop', event: 'plain words' },
    { message: 'plain words', host: 'web-1', component: 'shop' },
  ],
  [
    'gelf',
    { version: '1.1', host: 'web-1', short_message: 'no stock', timestamp: seconds, level: 3, _app: 'shop' },
    { level: 'error', message: 'no stock', host: 'web-1', service: 'shop' },
  ],
  [
    'syslog-ng',
    { PROGRAM: 'shop', PRIORITY: 'err', MESSAGE: 'no stock', HOST: 'web-1', ISODATE: '2026-11-24T07:59:59.250+00:00' },
    { level: 'error', message: 'no stock', host: 'web-1', component: 'shop' },
  ],
  [
    'rsyslog',
    {
      timestamp: '2026-11-24T08:59:59.250+01:00',
      host: 'web-1',
      severity: 'crit',
      facility: 'daemon',
      tag: 'shop[7]:',
      message: 'no disk',
    },
    { level: 'critical', message: 'no disk', host: 'web-1', component: 'shop' },
  ],
  [
    'nxlog',
    {
      EventTime: '2026-11-24 07:59:59.250',
      Hostname: 'pc-1',
      Severity: 'WARNING',
      SourceName: 'Shop',
      Message: 'slow',
      EventID: 7,
    },
    { level: 'warn', message: 'slow', host: 'pc-1', component: 'Shop' },
  ],
  [
    'datadog',
    { timestamp, status: 'error', message: 'no stock', service: 'shop', ddsource: 'nodejs', dd: { trace_id: '7' } },
    { level: 'error', message: 'no stock', service: 'shop', traceId: '7' },
  ],
  [
    'ecs',
    {
      '@timestamp': iso,
      log: { level: 'ERROR', logger: 'shop.Stock' },
      message: 'no stock',
      ecs: { version: '8.11' },
      service: { name: 'shop', version: '1.2' },
      trace: { id: 'a1' },
      event: { duration: 12_500_000 },
      error: { type: 'IOException', message: 'full', stack_trace: 'at a' },
      http: { response: { status_code: 502 } },
      client: { ip: '203.0.113.9' },
      user: { id: 'ann' },
    },
    {
      level: 'error',
      message: 'no stock',
      service: 'shop',
      component: 'shop.Stock',
      traceId: 'a1',
      durationMs: 12.5,
      statusCode: 502,
      ip: '203.0.113.9',
      userId: 'ann',
      attributes: { service: { name: 'shop', version: '1.2' } },
    },
  ],
  [
    'kubernetes-audit',
    {
      kind: 'Event',
      level: 'Metadata',
      auditID: 'x',
      stage: 'ResponseComplete',
      requestURI: '/api',
      verb: 'get',
      sourceIPs: ['203.0.113.9'],
      responseStatus: { code: 403 },
      user: { username: 'ann' },
      requestReceivedTimestamp: '2026-11-24T07:59:59.000Z',
      stageTimestamp: iso,
    },
    { ip: '203.0.113.9', statusCode: 403, userId: 'ann', attributes: { level: 'Metadata' } },
  ],
  [
    'cloudtrail',
    {
      eventVersion: '1.08',
      eventTime: '2026-11-24T07:59:59.250Z',
      eventSource: 'signin.amazonaws.com',
      eventName: 'ConsoleLogin',
      sourceIPAddress: '203.0.113.9',
      errorMessage: 'Failed authentication',
      eventID: 'e1',
    },
    { ip: '203.0.113.9', message: 'Failed authentication', eventId: 'e1', service: 'signin.amazonaws.com' },
  ],
  [
    'suricata',
    {
      timestamp: '2026-11-24T07:59:59.250000+0000',
      flow_id: 1,
      event_type: 'alert',
      src_ip: '203.0.113.9',
      alert: { severity: 1, category: 'Attempted Information Leak', signature: 'ET SCAN' },
      flow: { start: '2026-11-24T07:59:58.250000+0000' },
    },
    { ip: '203.0.113.9', message: 'Attempted Information Leak', durationMs: 1000 },
  ],
  [
    'zeek',
    { ts: seconds, uid: 'C1', 'id.orig_h': '203.0.113.9', 'id.resp_h': '192.0.2.1', proto: 'tcp', duration: 0.0125 },
    { ip: '203.0.113.9', durationMs: 12.5 },
  ],
  [
    'mongodb',
    {
      t: { $date: '2026-11-24T07:59:59.250+00:00' },
      s: 'E',
      c: 'NETWORK',
      id: 7,
      ctx: 'conn1',
      msg: 'no stock',
      attr: { remote: '203.0.113.9:5' },
    },
    { level: 'error', message: 'no stock', component: 'NETWORK', ip: '203.0.113.9' },
  ],
  [
    'osquery',
    { name: 'packs', hostIdentifier: 'web-1', unixTime: Math.floor(seconds), columns: {} },
    { host: 'web-1', timestamp: Math.floor(seconds) * 1000 },
  ],
  [
    'caddy',
    {
      level: 'info',
      ts: seconds,
      logger: 'http.log.access',
      msg: 'handled request',
      request: { remote_ip: '203.0.113.9', method: 'GET' },
      duration: 0.0125,
      status: 502,
    },
    { level: 'info', message: 'handled request', ip: '203.0.113.9', durationMs: 12.5, statusCode: 502 },
  ],
  [
    'traefik',
    {
      ClientHost: '203.0.113.9',
      DownstreamStatus: 502,
      Duration: 12_500_000,
      RequestMethod: 'GET',
      RequestPath: '/',
      StartUTC: iso,
      level: 'info',
      msg: '',
    },
    { ip: '203.0.113.9', statusCode: 502, durationMs: 12.5, level: 'info' },
  ],
  [
    'envoy',
    {
      start_time: iso,
      response_code: 502,
      duration: 12,
      method: 'GET',
      path: '/',
      x_forwarded_for: null,
      downstream_remote_address: '203.0.113.9:443',
    },
    { ip: '203.0.113.9', statusCode: 502, durationMs: 12 },
  ],
  [
    'nginx',
    {
      time_iso8601: '2026-11-24T07:59:59+00:00',
      remote_addr: '203.0.113.9',
      request: 'GET / HTTP/1.1',
      status: '502',
      request_time: '0.0125',
    },
    {
      timestamp: Date.parse('2026-11-24T07:59:59Z'),
      ip: '203.0.113.9',
      statusCode: 502,
      durationMs: 12.5,
      message: 'GET / HTTP/1.1',
    },
  ],
  [
    'elasticsearch',
    {
      type: 'server',
      timestamp: '2026-11-24T07:59:59,250Z',
      level: 'WARN',
      component: 'o.e.n.Node',
      'cluster.name': 'c',
      'node.name': 'node-1',
      message: 'slow',
    },
    { level: 'warn', message: 'slow', component: 'o.e.n.Node', host: 'node-1' },
  ],
  [
    'elasticsearch-audit',
    {
      '@timestamp': '2026-11-24T07:59:59,250',
      'node.id': 'n',
      'event.type': 'rest',
      'event.action': 'authentication_failed',
      'user.name': 'ann',
      'origin.address': '[2001:db8::7]:5',
    },
    { ip: '2001:db8::7', userId: 'ann', message: 'authentication_failed' },
  ],
  [
    'logstash',
    {
      level: 'WARN',
      loggerName: 'slowlog',
      timeMillis: timestamp,
      thread: 'm',
      logEvent: { message: 'slow', took_in_nanos: 12_500_000 },
    },
    { level: 'warn', message: 'slow', component: 'slowlog', durationMs: 12.5 },
  ],
  [
    'kibana',
    { type: 'log', '@timestamp': iso, tags: ['warning', 'plugins'], pid: 7, message: 'slow' },
    { level: 'warn', message: 'slow', tags: ['warning', 'plugins'] },
  ],
]

describe('a record is read by the preset of its program', () => {
  test.each(samples)('%s', (name, record, expected) => {
    const { fields, tags } = read(record)
    expect(fields).toEqual(expect.objectContaining({ timestamp, ...expected }))
    expect(tags).toEqual([`format:${name}`])
  })

  test('which each preset has a sample of', () => {
    const named = new Set(samples.map(([name]) => name))
    expect(jsonPresetNames.filter((name) => !named.has(name))).toEqual(['winston'])
  })
})
