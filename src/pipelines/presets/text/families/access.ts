import type { PresetFamily } from '../preset.ts'

const r = String.raw

const request = r`"(?:(?<method>[A-Z][A-Z_-]{1,20}) (?<path>[^" ]*)(?: (?<protocol>[^" ]*))?|(?<request>(?:[^"\\]|\\.)*))"`
const made = '{method}{request} {path} {status}'
const agent = r`(?:"(?<referrer>(?:[^"\\]|\\.)*)"|(?<plainReferrer>-)) "(?<userAgent>(?:[^"\\]|\\.)*)"`
const bytes = r`(?<bytes>\d+|-)`
const counted = r`(?<status>\d{3}|-) ${bytes}`
const client = r`(?<addresses>(?:"[^"\n]{0,1000}" )?[^\s,"]{1,255}(?:,? %{IP}(?=,| )){0,20}),?`
const user = r`(?<ident>\S{1,255})  ?(?<user>[^\[\n]{0,200}?) {1,3}`
const at = r`\[%{HTTPDATE:time} ?\]`

/** Access logs of web servers: Common Log Format and what grew out of it. */
export const access: readonly PresetFamily[] = [
  {
    isLong: true,
    lead: r`(?<virtualHost>(?=[\d.-]{0,255}[A-Za-z_])[\w.-]{1,255}(?::\d+)?) (?:%{IP:ip}) (?<ident>\S{1,255}) (?<user>[^\[\n]{0,200}?) {1,3}${at} ${request} ${counted}`,
    presets: [
      { name: 'apache-vhost', pattern: r` ${agent}(?<rest>.*)`, message: made },
      { name: 'apache-vhost-common', isLoose: true, pattern: r`(?<rest>.*)`, message: made },
    ],
  },
  {
    isLong: true,
    lead: r`(?!(?=[\d.]{0,255}[A-Za-z_])[\w.-]{1,255}(?::\d+)? %{IP} )${client} ${user}${at} ${request} ${counted}`,
    presets: [
      {
        name: 'traefik',
        pattern: r` ${agent} (?<requestCount>\d+) (?:"(?<router>[^"]*)"|-) (?:"(?<server>[^"]*)"|-) (?<durationMs>\d+)ms`,
        message: made,
      },
      {
        name: 'nginx-ingress',
        pattern: r` ${agent} (?<requestLength>\d+) (?<durationS>[\d.]+) \[(?<upstreamName>[^\]]*)\] \[(?<alternative>[^\]]*)\] (?<rest>.*)`,
        message: made,
      },
      { name: 'apache-combined', isLoose: true, pattern: r` ${agent}(?<rest>.*)`, message: made },
      { name: 'apache-common', isLoose: true, pattern: r`(?<rest>.*)`, message: made },
    ],
  },
  {
    isLong: true,
    first: '0123456789abcdef',
    presets: [
      {
        name: 's3',
        pattern: r`(?<owner>[0-9a-f]{4,64}) (?<bucket>[\w.-]+) ${at} (?<ip>\S+) (?<requester>\S+) (?<requestId>\w+) (?<operation>[A-Z.\w]+) (?<key>\S+) (?:"(?<request>(?:[^"\\]|\\.)*)"|-) (?<status>\d{3}|-) (?<errorCode>\S+) (?<bytes>\d+|-) (?<objectBytes>\d+|-) (?<durationMs>\d+|-) (?<turnaroundMs>\d+|-)(?<rest>.*)`,
        message: '{operation} {key} {status}',
      },
    ],
  },
  {
    presets: [
      {
        name: 'apache-fake-user',
        pattern: r`(?<ip>\S{1,255}) (?<ident>\S{1,255}) (?<user>\S{1,255}) \S{1,255} ${at} (?<virtualHost>\S+) ${request} ${counted}(?<rest>.*)`,
        message: made,
      },
      {
        name: 'access-any',
        pattern: r`(?<ip>\S{1,255}) {1,3}(?<ident>\S{1,255}) {1,3}(?<user>[^\[\n]{0,200}?) {1,3}\[(?<time>[^\]\n]{10,40}?) ?\] ${request}(?: (?<status>\d{3}|-) (?<bytes>[\d/-]+))?(?<rest>.*)`,
        message: made,
      },
    ],
  },
  {
    isLong: true,
    first: '0123456789[:',
    presets: [
      {
        name: 'haproxy-http',
        pattern: r`\[?%{IP:ip}\]?:(?<port>\d+) ${at} (?<frontend>\S+) (?<backend>[^/\s]+)/(?<server>\S+) (?<timers>-?\d+/-?\d+/-?\d+/-?\d+)/\+?(?<durationMs>-?\d+) (?<status>-?\d+) \+?(?<bytes>\d+) (?<rest>.*)`,
      },
      {
        name: 'haproxy-tcp',
        pattern: r`\[?%{IP:ip}\]?:(?<port>\d+) ${at} (?<frontend>\S+) (?<backend>[^/\s]+)/(?<server>\S+) (?<timers>-?\d+/-?\d+)/\+?(?<durationMs>-?\d+) \+?(?<bytes>\d+) (?<rest>.*)`,
      },
      {
        name: 'haproxy-error',
        pattern: r`\[?%{IP:ip}\]?:(?<port>\d+) ${at} (?<frontend>[^\s/]+)/(?<bind>[^:\s]+): (?<message>.*)`,
      },
    ],
  },
  {
    isLong: true,
    first: 'hwg',
    presets: [
      {
        name: 'alb',
        pattern: r`(?<type>https?|h2|wss?|grpcs?|tls) %{ISO:time} (?<balancer>\S+) (?<ip>[\w.:-]+):(?<port>\d+) (?<target>\S+) (?<requestTime>-?[\d.]+) (?<targetTime>-?[\d.]+) (?<responseTime>-?[\d.]+) (?<status>\d{3}|-) (?<targetStatus>\S+) (?<received>\d+) (?<sent>\d+) "(?<request>[^"]*)" "(?<userAgent>[^"]*)"(?<rest>.*)`,
        message: '{request} {status}',
      },
    ],
  },
  {
    first: '0123456789',
    presets: [
      {
        name: 'cloudfront',
        pattern: r`(?<time>\d{4}-\d{2}-\d{2}\t\d{2}:\d{2}:\d{2})\t(?<edge>[A-Z0-9-]+)\t(?<bytes>\d+)\t(?<ip>\S+)\t(?<method>[A-Z]+)\t(?<host>\S+)\t(?<path>\S+)\t(?<status>\d{3})\t(?<referrer>[^\t]*)\t(?<userAgent>[^\t]*)\t(?<rest>.*)`,
        message: '{method} {path} {status}',
      },
      {
        name: 'squid',
        pattern: r`(?<time>\d{9,10}\.\d{3}) +(?<durationMs>-?\d+) (?<ip>\S+) (?<result>[A-Z_]+)/(?<status>\d{3}) (?<bytes>\d+) (?<method>\S+) (?<path>\S+) (?<user>\S+) (?<hierarchy>[A-Z_]+)/(?<server>\S+)(?<rest>.*)`,
        message: '{method} {path} {status}',
      },
      {
        name: 'squid-short',
        pattern: r`(?<time>\d{9,10}\.\d{3}) +(?<durationMs>-?\d+) (?<ip>\S+) (?<result>[A-Z_]+)/(?<status>\d{3}) (?<bytes>\d+) (?<method>\S+) (?<rest>.*)`,
        message: '{method} {status} {rest}',
      },
      {
        name: 'strace',
        pattern: r`(?:(?<pid>\d+) +)?(?<time>\d{10}\.\d{6}) (?<component>\w+)\((?<message>.*?)(?:\) += (?<result>-?\w+|\?)(?<rest>[^=\n]*)| ?<unfinished \.\.\.>)`,
      },
      {
        name: 'strace-free',
        pattern: r`(?:(?<pid>\d+) +)?(?<time>\d{10}\.\d{6}) (?<message>(?:---|\+\+\+|<\.\.\.) .*)`,
      },
      {
        name: 'strace-clock',
        pattern: r`(?<clock>\d{2}:\d{2}:\d{2}\.\d{6}) (?<component>\w+)\((?<message>.*?)\) += (?<result>-?\w+|\?)(?<rest>[^=\n]*)`,
      },
      {
        name: 'tcpdump',
        pattern: r`(?<clock>\d{2}:\d{2}:\d{2}\.\d{6}) IP6? (?<ip>\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]+)(?:\.(?<port>\w+))? > (?<target>\S+): (?<message>.*)`,
      },
      {
        name: 'redis-monitor',
        pattern: r`(?<time>\d{10}\.\d{6}) \[(?<database>\d+) (?:%{IP:ip}|lua|unix)(?::(?<port>\S+))?\] (?<message>.*)`,
      },
      {
        name: 'zeek-conn',
        pattern: r`(?<time>\d{10}\.\d{6})\t(?<uid>\S+)\t(?<ip>[0-9a-fA-F.:]+)\t(?<port>\d+)\t(?<target>[0-9a-fA-F.:]+)\t(?<targetPort>\d+)\t(?<message>(?<protocol>tcp|udp|icmp)\t(?<application>[\w,-]+)\t(?<durationS>-|\d+\.\d+)\t.*)`,
      },
      {
        name: 'zeek-http',
        pattern: r`(?<time>\d{10}\.\d{6})\t(?<uid>\S+)\t(?<ip>[0-9a-fA-F.:]+)\t(?<port>\d+)\t(?<target>[0-9a-fA-F.:]+)\t(?<targetPort>\d+)\t(?<message>\d+\t(?<method>[A-Z-]+)\t(?<virtualHost>[^\t]*)\t(?<path>[^\t]*)\t(?<referrer>[^\t]*)\t(?<version>[^\t]*)\t(?<userAgent>[^\t]*)\t(?:[^\t]*\t)?(?<received>\d+)\t(?<sent>\d+)\t(?<status>\d{3}|-)\t.*)`,
      },
      {
        name: 'zeek',
        pattern: r`(?<time>\d{10}\.\d{6})\t(?<uid>\S+)\t(?<ip>[0-9a-fA-F.:]+)\t(?<port>\d+)\t(?<target>[0-9a-fA-F.:]+)\t(?<targetPort>\d+)\t(?<message>.*)`,
      },
      {
        name: 'zeek-files',
        pattern: r`(?<time>\d{10}\.\d{6})\t(?<uid>\S+)\t(?<target>[0-9a-fA-F.:]+|-)\t(?<ip>[0-9a-fA-F.:]+|-)\t(?<message>.*)`,
      },
      {
        name: 'redis',
        pattern: r`(?<pid>\d+):(?<role>[MSCX]) (?<time>\d{1,2} %{MONTH}(?: \d{4})? %{CLOCK}) (?<level>[.*#-]) (?<message>.*)`,
        levels: { '.': 'debug', '-': 'debug', '*': 'info', '#': 'warn' },
      },
      { name: 'redis-signal', pattern: r`(?<pid>\d+):(?<role>signal-handler) \((?<time>\d{9,10})\) (?<message>.*)` },
      {
        name: 'portsentry',
        pattern: r`(?<time>\d{9,10}) - (?<local>\d{2}/\d{2}/\d{4} %{CLOCK}) (?<message>Host: (?<ip>[^/\s]+).*)`,
      },
      {
        name: 'bacula',
        pattern: r`(?<time>\d{1,2}-%{MONTH}(?:-\d{4})? \d{1,2}:\d{2}(?::\d{2})?) (?<host>[\w.-]+)(?::| JobId (?<job>\d+)[:,]) (?<message>.*)`,
      },
      {
        name: 'logcat',
        pattern: r`(?<time>\d{2}-\d{2} %{CLOCK}) +(?:(?<user>\w+) +)?(?<pid>\d+) +(?<tid>\d+) (?<level>[VDIWEFA]) (?:(?<component>[^:\[\s][^:\n]*): )?(?<message>.*)`,
      },
      {
        name: 'cisco-pipe',
        pattern: r`(?<severityNumber>\d)\|(?<time>%{MONTH} {1,2}\d{1,2} \d{4} %{CLOCK})\|(?<code>\d+): (?<message>.*)`,
      },
      {
        name: 'tine',
        pattern: r`(?<session>\w+) (?<request>\w+) -- (?<user>\S+(?: \S+)?) -- - %{ISO:time} %{LEVEL:level} \(\d\): (?<component>[\w:]+?)::(?<line>\d+) (?<message>.*)`,
      },
      {
        name: 'esx-date',
        pattern: r`(?<date>\d{4}-\d{2}-\d{2}) (?<level>Db|In|No|Wa|Er|Cr|Al|Em)\(\d+\) (?<component>[\w./-]+)(?:\[(?<pid>\d+)\])?: (?<clock>%{CLOCK}) (?<message>.*)`,
        levels: {
          Db: 'debug',
          In: 'info',
          No: 'info',
          Wa: 'warn',
          Er: 'error',
          Cr: 'critical',
          Al: 'critical',
          Em: 'critical',
        },
      },
      {
        name: 'epoch-level',
        pattern: r`(?<time>\d{10}(?:\.\d{1,9})?|\d{13})[ \t:,|-]+\[?%{LEVEL:level}\]?:?[ \t]+(?<message>.*)`,
      },
      {
        name: 'logcat-time',
        pattern: r`(?<time>\d{2}-\d{2} %{CLOCK}) (?<level>[VDIWEFA])/(?<component>[^(\n]{1,100})\( *(?<pid>\d+)\): (?<message>.*)`,
      },
      { name: 'zerolog-clock', pattern: r`(?<clock>\d{1,2}:\d{2}[AP]M) %{LEVEL:level} (?<message>.*)` },
      {
        name: 'hdfs',
        pattern: r`(?<time>\d{6} \d{6}) (?<pid>\d+) %{LEVEL:level} (?<component>[\w.$]+): (?<message>.*)`,
      },
      {
        name: 'spark',
        pattern: r`(?<time>\d{2}/\d{2}/\d{2} %{CLOCK}) %{LEVEL:level} (?<component>[\w.$]+): (?<message>.*)`,
      },
      {
        name: 'mysql-old',
        pattern: r`(?<time>\d{6} {1,2}\d{1,2}:\d{2}:\d{2}) +(?:(?<thread>\d+) )?(?:\[%{LEVEL:level}\] )?(?<message>.*)`,
      },
      { name: 'robot-framework', pattern: r`(?<time>\d{8} %{CLOCK}) - %{LEVEL:level} - (?<message>.*)` },
      {
        name: 'logback-clock',
        pattern: r`(?<clock>%{CLOCK}) \[(?<thread>%{NESTED})\] %{LEVEL:level} +(?<component>\S+) - (?<message>.*)`,
      },
      {
        name: 'clock-level',
        pattern: r`(?<clock>%{CLOCK}) \|?-?\[?%{LEVEL:level}\]? +(?:in (?<component>\S+) - )?(?<message>.*)`,
      },
      {
        name: 'health-app',
        pattern: r`(?<time>\d{8}-\d{1,2}:\d{1,2}:\d{1,2}:\d{1,3})\|(?<component>[^|]*)\|(?<pid>\d+)\|(?<message>.*)`,
      },
      { name: 'tai64n', pattern: r`(?<time>@4000000[0-9a-f]{17}) (?<message>.*)` },
    ],
  },
]
