import { type Grok, grok } from './grok.ts'

/**
 * The line formats that the fleet knows, tried in this order. Fields: `time`, `level`, `priority` (syslog), `host`,
 * `component`, `pid`, `message`, and for access logs `ip`, `status`, `bytes`, `durationMs`, `method`, `path`.
 * A new format is one line here and one example in the test table.
 */
export const formats: readonly Grok[] = Object.freeze([
  grok(
    'log4j',
    '%{ISO8601:time} +-? *%{LEVEL:level} +(?:\\[%{DATA:thread}\\] +)?-? *%{JAVACLASS:component}: %{GREEDYDATA:message}',
  ),
  grok('zookeeper', '%{ISO8601:time} +- +%{LEVEL:level} +\\[%{DATA:component}\\] +- +%{GREEDYDATA:message}'),
  grok(
    'openstack',
    '(?:[\\w.-]+\\.log\\S* )?%{ISO8601:time} +%{INT:pid} +%{LEVEL:level} +%{JAVACLASS:component} %{GREEDYDATA:message}',
  ),
  grok('windows-cbs', '%{ISO8601:time}, +%{LEVEL:level} +%{WORD:component} +%{GREEDYDATA:message}'),
  grok('hdfs', '%{COMPACTDATE:time} +%{INT:pid} +%{LEVEL:level} +%{JAVACLASS:component}: %{GREEDYDATA:message}'),
  grok('spark', '%{SHORTSLASHDATE:time} +%{LEVEL:level} +%{JAVACLASS:component}: %{GREEDYDATA:message}'),
  grok(
    'syslog-5424',
    '<%{INT:priority}>\\d+ %{ISO8601:time} %{NOTSPACE:host} %{NOTSPACE:component} %{NOTSPACE:pid} %{NOTSPACE:messageId} (?:-|(?:\\[[^\\]]*\\])+) ?%{GREEDYDATA:message}',
  ),
  grok(
    'syslog',
    '(?:<%{INT:priority}>)?%{SYSLOGTIMESTAMP:time} %{NOTSPACE:host} %{PROGRAM:component}(?:\\[%{INT:pid}\\])?: ?%{GREEDYDATA:message}',
  ),
  grok(
    'apache-error',
    '\\[%{CTIME:time}\\] \\[(?:%{WORD:component}:)?%{LEVEL:level}\\] (?:\\[pid %{INT:pid}(?::tid \\d+)?\\] )?(?:\\[client %{IPORHOST:ip}(?::\\d+)?\\] )?%{GREEDYDATA:message}',
  ),
  grok('nginx-error', '%{SLASHDATE:time} \\[%{LEVEL:level}\\] %{INT:pid}#\\d+: %{GREEDYDATA:message}'),
  grok(
    'access',
    '%{IPORHOST:ip} %{NOTSPACE:ident} %{NOTSPACE:user} \\[%{HTTPDATE:time}\\] "(?:%{WORD:method} %{NOTSPACE:path}[^"]*|[^"]*)" %{INT:status} (?:%{INT:bytes}|-)%{GREEDYDATA:message}',
  ),
  grok(
    'bgl',
    '\\S+ %{INT:time} \\d{4}\\.\\d{2}\\.\\d{2} %{NOTSPACE:host} \\d{4}-\\d{2}-\\d{2}-[\\d.]+ \\S+ %{WORD:type} %{WORD:component} %{LEVEL:level}(?: %{GREEDYDATA:message})?',
  ),
  grok(
    'thunderbird',
    '\\S+ %{INT:time} \\d{4}\\.\\d{2}\\.\\d{2} %{NOTSPACE:host} %{SYSLOGTIMESTAMP} \\S+ (?:%{PROGRAM:component}(?:\\[%{INT:pid}\\])?: )?%{GREEDYDATA:message}',
  ),
  grok(
    'hpc',
    '\\d+ %{NOTSPACE:host} %{NOTSPACE:component} %{NOTSPACE:state} (?<time>\\d{9,10}) \\d+ %{GREEDYDATA:message}',
  ),
  grok('android', '%{MONTHDAY:time} +%{INT:pid} +\\d+ +(?<level>[VDIWEF]) +%{DATA:component}: %{GREEDYDATA:message}'),
  grok(
    'health-app',
    '(?<time>\\d{8}-\\d{1,2}:\\d{1,2}:\\d{1,2}:\\d{1,3})\\|%{DATA:component}\\|%{INT:pid}\\|%{GREEDYDATA:message}',
  ),
  grok('proxifier', '\\[(?<time>\\d{2}\\.\\d{2} %{TIME})\\] %{NOTSPACE:component} %{GREEDYDATA:message}'),
  grok(
    'klog',
    '(?<level>[IWEF])(?<time>\\d{4} %{TIME}\\.\\d+) +%{INT:pid} %{NOTSPACE:component}\\] %{GREEDYDATA:message}',
  ),
  grok('postgres', '%{ISO8601:time}(?: [A-Z]{3,4})? \\[%{INT:pid}\\] (?:\\S+ )?%{LEVEL:level}: +%{GREEDYDATA:message}'),
  grok(
    'bracketed',
    '\\[%{ISO8601:time}\\] +\\[?%{LEVEL:level}\\]?:? +(?:\\[%{DATA:component}\\] +)?%{GREEDYDATA:message}',
  ),
  grok('python', '%{ISO8601:time} - %{NOTSPACE:component} - %{LEVEL:level} - %{GREEDYDATA:message}'),
])

/** Loose forms, tried when none of the others fits, and never remembered. */
export const looseFormats: readonly Grok[] = Object.freeze([
  grok('syslog-free', '(?:<%{INT:priority}>)?%{SYSLOGTIMESTAMP:time} %{NOTSPACE:host} %{GREEDYDATA:message}'),
  grok('leveled', '%{ISO8601:time} +\\[?%{LEVEL:level}\\]?:? +%{GREEDYDATA:message}'),
  grok('timed', '\\[?%{ISO8601:time}\\]?[ :,-]+%{GREEDYDATA:message}'),
  grok('timed-slash', '\\[?%{SLASHDATE:time}\\]?[ :,-]+%{GREEDYDATA:message}'),
])
