/** A usual source of logs: how its records get into a topic, and what they look like. */
export interface LogSource {
  readonly name: string
  readonly how: string
  /** Records as a topic has them, one after another from one source. */
  readonly records: readonly string[]
}

const line = (fields: object): string => JSON.stringify(fields)
const time = '2026-11-24T07:59:59.123Z'

/** The cookbook of docs/log-sources.md. Each record is written for it, in the form that the source has by default. */
export const logSources: readonly LogSource[] = [
  {
    name: 'Log files through Filebeat 8',
    how: 'Point `output.kafka` at the topic, with `key: "%{[agent.name]}"`. The line in `message` is read further.',
    records: [
      line({
        '@timestamp': time,
        log: { offset: 0, file: { path: '/var/log/shop/shop.log' } },
        message: '2026-11-24 07:59:58,000 ERROR [main] shop.Cart: order 7 failed',
        agent: { name: 'web-1', type: 'filebeat', version: '8.15.0' },
        ecs: { version: '8.0.0' },
        host: { name: 'web-1' },
      }),
    ],
  },
  {
    name: 'Containers on Kubernetes through Fluent Bit',
    how: 'Use `ops/fluent-bit/fluent-bit.conf` as it is; the `kubernetes` filter adds the names of pod and container.',
    records: [
      line({
        '@timestamp': time,
        log: '{"level":"warn","msg":"slow answer","duration_ms":1830}',
        stream: 'stdout',
        kubernetes: { pod_name: 'cart-7d4b', namespace_name: 'shop', container_name: 'cart', labels: { app: 'cart' } },
      }),
    ],
  },
  {
    name: 'Container logs in the form of CRI',
    how: 'Send the lines of `/var/log/containers/*.log` as they are, keyed by file. Parts of long lines are joined.',
    records: [
      '2026-11-24T07:59:59.123456789Z stdout P {"level":"error","msg":"card refused by ',
      '2026-11-24T07:59:59.123456790Z stdout F the bank"}',
    ],
  },
  {
    name: 'Docker json-file',
    how: 'Send the lines of `/var/lib/docker/containers/*/*-json.log` as they are, keyed by container.',
    records: [line({ log: 'ERROR payment failed\n', stream: 'stderr', time: '2026-11-24T07:59:59.123456789Z' })],
  },
  {
    name: 'Files through Vector',
    how: 'Use a `kafka` sink with `encoding.codec: json`.',
    records: [
      line({
        file: '/var/log/nginx/access.log',
        host: 'web-1',
        message: '203.0.113.9 - - [24/Nov/2026:07:59:58 +0000] "GET /cart HTTP/1.1" 502 157 "-" "curl/8.5.0"',
        source_type: 'file',
        timestamp: time,
      }),
    ],
  },
  {
    name: 'syslog of Debian 12 and Ubuntu 24.04',
    how: 'Let rsyslog write to Kafka with `omkafka`, or send `/var/log/syslog` with any shipper.',
    records: ['2026-11-24T07:59:58.123456+00:00 web-1 systemd[1]: Started cron.service - Regular background program.'],
  },
  {
    name: 'syslog, RFC 5424',
    how: 'From network devices and rsyslog; structured data and facility are kept.',
    records: [
      '<131>1 2026-11-24T07:59:58.003Z fw-1 haproxy 812 - [meta@1 zone="dmz"] backend shop has no server available',
    ],
  },
  {
    name: 'Failed logins of sshd',
    how: 'From `/var/log/auth.log`: the audit worker counts them by source address.',
    records: [
      'Nov 24 07:59:58 bastion sshd[4711]: Failed password for invalid user admin from 203.0.113.9 port 51122 ssh2',
    ],
  },
  {
    name: 'nginx',
    how: 'Access log in its default format; errors from `error.log` in the same topic.',
    records: [
      '203.0.113.9 - ann [24/Nov/2026:07:59:58 +0000] "POST /login HTTP/1.1" 401 574 "https://shop.example/" "Mozilla/5.0"',
      '2026/11/24 07:59:58 [error] 71#71: *5 connect() failed (111: Connection refused) while connecting to upstream, client: 203.0.113.9, server: shop.example',
    ],
  },
  {
    name: 'Spring Boot 3',
    how: 'The console of the application, with its stack traces.',
    records: [
      '2026-11-24T07:59:58.123Z ERROR 1 --- [shop] [nio-8080-exec-1] shop.cart.CartController : order 7 failed',
      'java.lang.IllegalStateException: no stock',
      '\tat shop.cart.Cart.order(Cart.java:42)',
      '\tat shop.cart.CartController.post(CartController.java:17)',
    ],
  },
  {
    name: 'logback with the Logstash encoder',
    how: 'JSON on standard output.',
    records: [
      line({
        '@timestamp': '2026-11-24T08:59:58.123+01:00',
        '@version': '1',
        message: 'order 7 failed',
        logger_name: 'shop.cart.Cart',
        thread_name: 'main',
        level: 'ERROR',
        level_value: 40000,
        stack_trace: 'java.lang.IllegalStateException: no stock',
      }),
    ],
  },
  {
    name: 'pino (Node.js)',
    how: 'JSON on standard output; levels are numbers.',
    records: [line({ level: 50, time: 1795507198123, pid: 7, hostname: 'web-1', msg: 'order failed', orderId: 7 })],
  },
  {
    name: 'structlog and python-json-logger',
    how: 'JSON on standard output.',
    records: [line({ event: 'order failed', level: 'error', timestamp: '2026-11-24T07:59:58.123456Z', order_id: 7 })],
  },
  {
    name: 'zap and slog (Go)',
    how: 'JSON on standard error.',
    records: [
      line({ level: 'warn', ts: 1795507198.123, caller: 'cart/cart.go:42', msg: 'slow answer', order: 7 }),
      line({ time: '2026-11-24T07:59:58.123456789Z', level: 'WARN', msg: 'slow answer', order: 7 }),
    ],
  },
  {
    name: 'Serilog (.NET), compact JSON',
    how: '`WriteTo.Console(new CompactJsonFormatter())`.',
    records: [line({ '@t': '2026-11-24T07:59:58.1234567Z', '@m': 'Order 7 failed', '@l': 'Error', OrderId: 7 })],
  },
  {
    name: 'OpenTelemetry Collector',
    how: 'A `kafka` exporter with `encoding: otlp_json`: a record may hold many logs, each becomes a document.',
    records: [
      line({
        resourceLogs: [
          {
            resource: { attributes: [{ key: 'service.name', value: { stringValue: 'cart' } }] },
            scopeLogs: [
              {
                logRecords: [
                  { timeUnixNano: '1795507198123000000', severityNumber: 17, body: { stringValue: 'order 7 failed' } },
                  { timeUnixNano: '1795507198124000000', severityNumber: 9, body: { stringValue: 'order 8 paid' } },
                ],
              },
            ],
          },
        ],
      }),
    ],
  },
  {
    name: 'AWS CloudWatch subscriptions',
    how: 'The records that a subscription delivers, unpacked: each event becomes a document.',
    records: [
      line({
        messageType: 'DATA_MESSAGE',
        owner: '123456789012',
        logGroup: '/aws/lambda/cart',
        logStream: '2026/11/24/[$LATEST]1',
        subscriptionFilters: ['all'],
        logEvents: [{ id: '1', timestamp: 1795507198123, message: '[ERROR] order 7 failed' }],
      }),
    ],
  },
  {
    name: 'PostgreSQL',
    how: 'The default `log_line_prefix` of Debian.',
    records: ['2026-11-24 07:59:58.123 UTC [812] shop@orders ERROR:  deadlock detected'],
  },
  {
    name: 'MongoDB 4.4 and newer',
    how: 'Its JSON log.',
    records: [
      line({
        t: { $date: '2026-11-24T07:59:58.123+00:00' },
        s: 'W',
        c: 'COMMAND',
        id: 51803,
        ctx: 'conn7',
        msg: 'Slow query',
      }),
    ],
  },
  {
    name: 'logfmt',
    how: 'Go services, Grafana, Loki and Heroku write it.',
    records: ['time=2026-11-24T07:59:58.123Z level=error msg="order failed" service=cart order=7 duration=1.83s'],
  },
]
