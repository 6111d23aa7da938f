import type { PresetFamily, TextPreset } from '../preset.ts'

const r = String.raw

/** Behind a time in one of two forms. */
const apacheError = r`\] \[(?:(?<component>\w*):)?%{LEVEL:level}\d?\](?: \[pid (?<pid>\d+)(?::tid (?<tid>\d+))?\])?(?: \[client (?:%{IP:ip}(?::(?<port>\d+))?|(?<client>[^\]]*))\])? (?<message>.*)`

const inside: readonly TextPreset[] = [
  {
    name: 'celery',
    pattern: r`: %{LEVEL:level}/(?<process>[\w-]+)\] (?:(?<component>[\w.]+)\[(?<task>[\w-]+)\]: )?(?<message>.*)`,
  },
  { name: 'env-logger', pattern: r` %{LEVEL:level} +(?<component>[\w:.-]+)\] (?<message>.*)` },
  {
    name: 'vmware-old',
    pattern: r` (?<thread>\w+) %{LEVEL:level} '(?<component>[^']*)'(?: (?<context>[^\]]*))?\] (?<message>.*)`,
  },
  {
    name: 'vmware-thread',
    pattern: r` (?<thread>\S+) +%{LEVEL:level} +(?<component>[\w.$]+)(?: opId=(?<operation>[^\]]*))?\] (?<message>.*)`,
  },
]

const behind: readonly TextPreset[] = [
  {
    name: 'elasticsearch-slowlog',
    pattern: r`\]\[%{LEVEL:level} *\]\[(?<component>[^\]]*)\] (?:\[(?<node>[^\]]*)\] )?(?<message>\[[^\]]*\](?:\[\d+\])? took\[[^\]]*\], took_millis\[(?<durationMs>\d+)\].*)`,
  },
  {
    name: 'envoy',
    pattern: r`\] "(?<method>[A-Z-]+) (?<path>\S+) (?<protocol>[^"]*)" (?<status>\d{3}|0) (?<flags>\S+) (?:(?<details>[a-z_]+(?:\{[^}]*\})?|-) (?<failure>\S+) (?:"(?<upstreamFailure>[^"]*)"|-) )?(?<received>\d+) (?<sent>\d+) (?<durationMs>\d+) (?<upstreamMs>\d+|-) "(?<addresses>[^"]*)" (?<rest>.*)`,
    message: '{method} {path} {status}',
  },
  { name: 'apache-error-iso', pattern: r`(?=\] \[\w+:\w+\] \[pid )${apacheError}` },
  { name: 'elasticsearch-gc', pattern: r`\]\[(?<process>\d+)\]\[(?<component>[^\]]*)\] (?<message>.*)` },
  {
    name: 'elasticsearch',
    isLoose: true,
    pattern: r`\] ?\[%{LEVEL:level} *\] ?\[(?<component>[^\]]*)\] *(?:\[(?<node>(?!_)[\w.-]*)\] ?(?:\[(?<index>[\w.-]+(?:/[\w-]{22})?)\](?:\[(?<shard>\d+)\])? )?)?(?<message>.*)`,
  },
  {
    name: 'elasticsearch-audit',
    pattern: r`\] (?:\[(?<node>[^\]]*)\] )?\[(?<component>rest|transport|ip_filter|local_node)\] \[(?<action>\w+)\]\s+(?<message>.*)`,
  },
  {
    name: 'kafka',
    pattern: r`\] %{LEVEL:level} \[(?<component>[^\]]+)\]: (?<message>.*) \((?<class>[\w$.]+)(?::\d+)?\)`,
  },
  {
    name: 'kafka-class',
    isLoose: true,
    pattern: r`\] %{LEVEL:level} (?:\[(?<context>[^\]=]*=[^\]]*)\] )?(?<message>.*) \((?<component>[\w$.]+\.[\w$]+)(?::\d+)?\)`,
  },
  { name: 'icinga', pattern: r`\] %{LEVEL:level}/(?<component>\w+): (?<message>.*)` },
  { name: 'santa', pattern: r`\] (?<level>[DIWE]) (?<component>\w+): (?<message>.*)` },
  { name: 'gunicorn', pattern: r`\] \[(?<pid>\d+)\] \[%{LEVEL:level}\] (?<message>.*)` },
  {
    name: 'asterisk',
    pattern: r`\] (?<level>NOTICE|WARNING|ERROR|DEBUG|VERBOSE|SECURITY|DTMF) ?\[(?<thread>\d+)\](?:\[(?<call>C-[0-9a-f]+)\])?:? (?<component>\S+?):(?<message>.*)`,
    levels: { SECURITY: 'info', DTMF: 'info' },
  },
  {
    name: 'asterisk-free',
    isLoose: true,
    pattern: r`\] (?<level>NOTICE|WARNING|ERROR|DEBUG|VERBOSE|SECURITY) ?\[(?<thread>\d+)\](?:\[(?<call>C-[0-9a-f]+)\])?:? (?<message>.*)`,
    levels: { SECURITY: 'info' },
  },
  {
    name: 'monolog',
    pattern: r`\] (?<component>[\w-]+)\.%{LEVEL:level}: (?<message>[^{}\n]*?)(?: (?<json>\{.*\}))?(?: (?:\[\]|\{\})){0,2} *`,
  },
  {
    name: 'monolog-free',
    isLoose: true,
    pattern: r`\] (?<component>[\w-]+)\.%{LEVEL:level}: (?<message>.*)`,
  },
  { name: 'vaultwarden', pattern: r`\]\[(?<component>[\w:.-]+)\]\[%{LEVEL:level}\] (?<message>.*)` },
  {
    name: 'envoy-log',
    pattern: r`\]\[(?<thread>\d+)\]\[%{LEVEL:level}\]\[(?<component>[\w.-]+)\] (?:\[(?<location>[^\]]*)\] )?(?<message>.*)`,
  },
  {
    name: 'spdlog',
    isLoose: true,
    pattern: r`\] \[(?<component>[\w.:-]+)\] \[%{LEVEL:level}\] (?:\[(?<location>[\w./\\-]+:\d+)\] )?(?<message>.*)`,
  },
  { name: 'daemon', pattern: r`\] (?<component>[a-z][\w-]*)\[(?<pid>\d+)\]: %{LEVEL:level}: (?<message>.*)` },
  {
    name: 'bracketed-thread',
    isLoose: true,
    pattern: r`\] %{LEVEL:level} +\[(?<thread>[^\]]*)\] (?<component>[\w$.]+) - (?<message>.*)`,
  },
  {
    name: 'bracketed-component',
    isLoose: true,
    pattern: r`\] %{LEVEL:level} +\[(?<component>[^\]]*)\] (?<message>.*)`,
  },
  {
    name: 'bracketed-log4j',
    isLoose: true,
    pattern: r`\] %{LEVEL:level} +(?<component>[\w$.]+)(?: - |: )(?<message>.*)`,
  },
  {
    name: 'log4j-uptime',
    pattern: r`\] %{LEVEL:level}(?<uptimeMs>\d+)\[(?<thread>[^\]]*)\] - (?<component>[\w.$]+)\.(?<method>[\w$<>]+)\((?<location>[^)]*)\) - (?<message>.*)`,
  },
  { name: 'bracketed-level', pattern: r`\] ?[\[<(]?%{LEVEL:level} *[\]>)]?:? *-? ?(?<message>.*)`, isLoose: true },
  { name: 'bracketed', pattern: r`\]:?[ -]*(?<message>.*)`, isLoose: true },
]

/** Lines that begin with a time in brackets. */
export const bracketed: readonly PresetFamily[] = [
  { first: '[', lead: r`\[(?<time>%{ISO})`, presets: [...inside, ...behind] },
  {
    first: '[',
    lead: r`\[(?<time>\d{1,2}-%{MONTH}-\d{4} %{CLOCK}(?: [A-Za-z+-][\w/+-]*)?)`,
    presets: [
      {
        name: 'php',
        pattern: r`\] PHP (?<level>Fatal error|Parse error|Warning|Notice|Deprecated|Stack trace|Recoverable fatal error): +(?<message>.*)`,
        levels: {
          'Fatal error': 'critical',
          'Recoverable fatal error': 'critical',
          'Parse error': 'error',
          'Stack trace': 'info',
        },
      },
      { name: 'php-fpm', pattern: r`\] %{LEVEL:level}: (?:\[pool (?<pool>[^\]]+)\] )?(?<message>.*)` },
      { name: 'bracketed-day', pattern: r`\]:? *(?<message>.*)`, isLoose: true },
    ],
  },
  {
    first: '[',
    lead: r`\[(?<time>%{CTIME}|%{HTTPDATE}|%{MONTH} {1,2}\d{1,2} %{CLOCK})`,
    presets: [
      {
        name: 'apache-error',
        pattern: apacheError,
      },
      {
        name: 'apache-ssl-request',
        pattern: r`\] %{IP:ip} (?<protocol>(?:TLS|SSL)v[\d.]+|-) (?<cipher>[\w-]+) "(?<request>[^"]*)" (?<bytes>\d+|-)`,
        message: '{request}',
      },
      {
        name: 'django',
        pattern: r`\] "(?<method>[A-Z]+) (?<path>[^" ]*)[^"]*" (?<status>\d{3}) (?<bytes>\d+|-)(?<rest>.*)`,
        message: '{method} {path} {status}',
      },
      {
        name: 'asterisk-syslog',
        pattern: r`\] (?<level>NOTICE|WARNING|ERROR|DEBUG|VERBOSE|SECURITY) ?\[(?<thread>\d+)\](?:\[(?<call>C-[0-9a-f]+)\])?:? (?<message>.*)`,
        levels: { SECURITY: 'info' },
      },
      { name: 'bracketed-level', pattern: r`\] ?\[?%{LEVEL:level}\]?:? (?<message>.*)`, isLoose: true },
      { name: 'bracketed-date', pattern: r`\]:?[ -]*(?<message>.*)`, isLoose: true },
    ],
  },
  {
    first: '[',
    lead: r`\[(?<time>\d{1,2}/\d{1,2}/\d{2,4},? \d{1,2}:\d{2}:\d{2}(?:[:.,]\d{1,6})?(?: [AP]M)?(?: [A-Z]{3,4})?)\]`,
    presets: [
      {
        name: 'websphere',
        pattern: r` (?<thread>[0-9a-f]{8}) (?<component>\S+) +(?<level>[AIWEFRODCZ]) (?<message>.*)`,
        levels: { A: 'info', R: 'info', O: 'info', C: 'info', Z: 'info' },
      },
      { name: 'bracketed-short', pattern: r`[ :-]*(?:\[?%{LEVEL:level}\]?:? )?(?<message>.*)`, isLoose: true },
    ],
  },
  {
    first: '[',
    lead: r`\[`,
    presets: [
      {
        name: 'gin',
        pattern: r`GIN(?:-debug)?\] (?<date>\d{4}/\d{2}/\d{2}) - (?<clock>\d{2}:\d{2}:\d{2}) \|(?: ?\S{0,10})? *(?<status>\d{3}) *\| +(?<duration>[\d.]+(?:[nµm]?s|m[\d.]+s)) \| +(?<ip>\S+) \| +(?<method>[A-Z]+) +"(?<path>[^"]*)"(?<rest>.*)`,
        message: '{method} {path} {status}',
      },
      { name: 'serilog-console', pattern: r`(?<clock>%{CLOCK}) %{LEVEL:level}\] (?<message>.*)` },
      {
        name: 'elasticsearch-took',
        pattern: r`(?<index>[\w./-]+)\]\[(?<shard>\d+)\] took\[[^\]]*\], took_millis\[(?<durationMs>\d+)\].*`,
      },
      {
        name: 'uwsgi',
        pattern: r`pid: (?<pid>\d+)\|app: (?<app>[^|]*)\|req: (?<request>[^\]]*)\] (?<ip>\S+) \((?<user>[^)]*)\) \{(?<vars>[^}]*)\} \[%{CTIME:time}\] (?<method>[A-Z]+) (?<path>\S+) => generated (?<bytes>\d+) bytes in (?<durationMs>\d+) msecs \((?<protocol>\S+) (?<status>\d{3})\) (?<rest>.*)`,
        message: '{method} {path} {status}',
      },
      {
        name: 'nats-client',
        pattern: r`(?<pid>\d+)\] (?<time>\d{4}/\d{2}/\d{2} %{CLOCK}) \[%{LEVEL:level}\] %{IP:ip}:(?<port>\d+) - (?:cid|rid|lid):(?<client>\S+) - (?:->>|<<-) \[CONNECT (?<message>.*)\]`,
      },
      {
        name: 'nats-operation',
        isLoose: true,
        pattern: r`(?<pid>\d+)\] (?<time>\d{4}/\d{2}/\d{2} %{CLOCK}) \[%{LEVEL:level}\] \[?%{IP:ip}\]?:(?<port>\d+) - (?:"[^"]*" - )?(?:cid|rid|lid|[a-z]+):(?<client>\S+) - (?<message>.*)`,
      },
      {
        name: 'nats',
        isLoose: true,
        pattern: r`(?<pid>\d+)\] (?<time>\d{4}/\d{2}/\d{2} %{CLOCK}) \[%{LEVEL:level}\] (?<message>.*)`,
      },
      {
        name: 'redis-old',
        pattern: r`(?<pid>\d+)\] (?<time>\d{1,2} %{MONTH}(?: \d{4})? %{CLOCK}) (?<level>[.*#-]) (?<message>.*)`,
        levels: { '.': 'debug', '-': 'debug', '*': 'info', '#': 'warn' },
      },
      {
        name: 'epoch-brackets',
        pattern: r`(?<time>\d{10})\] (?<component>[\w-]+)(?:\[(?<pid>\d+)\])?: %{LEVEL:level}: (?<message>.*)`,
      },
      { name: 'epoch-nagios', isLoose: true, pattern: r`(?<time>\d{10})\] (?<message>.*)` },
      {
        name: 'otel-agent',
        pattern: r`otel\.javaagent %{ISO:time}\] \[(?<thread>[^\]]*)\] %{LEVEL:level} (?<component>\S+) - (?<message>.*)`,
      },
      { name: 'xrdp', pattern: r`(?<time>\d{8}-\d{2}:\d{2}:\d{2})\] \[%{LEVEL:level} *\] (?<message>.*)` },
      {
        name: 'monit',
        pattern: r`(?<zone>[A-Z]{3,4}) (?<time>%{MONTH} {1,2}\d{1,2} %{CLOCK})\] %{LEVEL:level} *: (?<message>.*)`,
      },
      {
        name: 'proxifier',
        pattern: r`(?<time>\d{2}\.\d{2} %{CLOCK})\] (?<component>\S+)(?: \*64)? - (?<target>\S+:\d+) (?:%{LEVEL:level} : )?(?<message>.*)`,
      },
      { name: 'katello', pattern: r` *%{LEVEL:level} %{ISO:time} (?<component>[\w.-]+)\] +(?<message>.*)` },
      {
        name: 'choose-repo',
        pattern: r`%{LEVEL:level}:(?<component>[\w.-]+)\] (?<location>\S+) %{ISO:time}:(?<message>.*)`,
      },
      { name: 'level-brackets', pattern: r`%{LEVEL:level} *\]:?[ -]*(?:%{ISO:time} )?(?<message>.*)`, isLoose: true },
    ],
  },
]
