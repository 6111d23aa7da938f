import { digits, type PresetFamily } from '../preset.ts'

const r = String.raw

const request = r`"(?:(?<method>[A-Z][A-Z_-]{1,20}) (?<path>[^" ]*)(?: (?<protocol>[^" ]*))?|(?<request>(?:[^"\\]|\\.)*))"`
const made = '{method}{request} {path} {status}'
const agent = r`(?:"(?<referrer>(?:[^"\\]|\\.)*)"|(?<plainReferrer>-)) "(?<userAgent>(?:[^"\\]|\\.)*)"`
const bytes = r`(?<bytes>\d+|-)`
const counted = r`(?<status>\d{3}|-) ${bytes}`
const client = r`(?<addresses>(?:"[^"\n]{0,1000}" )?[^\s,"]{1,255}(?:,? %{IP}(?=,| )){0,20}),?`
/** A name, or an address with its port. */
const virtualHost = r`(?:(?=[\d.-]{0,255}[A-Za-z_])[\w.-]{1,255}(?::\d+)?|%{IPV4}:\d+)`
const user = r`(?<ident>\S{1,255})  ?(?<user>[^\[\n]{0,200}?) {1,3}`
const at = r`\[%{HTTPDATE:time} ?\]`

/** Access logs of web servers, proxies and load balancers: Common Log Format and what grew out of it, and their own. */
export const access: readonly PresetFamily[] = [
  {
    isLong: true,
    lead: r`(?<virtualHost>${virtualHost}) (?<addresses>(?:"[^"\n]{0,1000}" )?%{IP}(?:,? %{IP}(?=,| )){0,20}) (?<ident>\S{1,255}) (?<user>[^\[\n]{0,200}?) {1,3}${at} ${request} ${counted}`,
    presets: [
      { name: 'apache-vhost', pattern: r` ${agent}(?<rest>.*)`, message: made },
      { name: 'apache-vhost-common', isLoose: true, pattern: r`(?<rest>.*)`, message: made },
    ],
  },
  {
    isLong: true,
    lead: r`(?!${virtualHost} (?:"[^"\n]{0,1000}" )?%{IP}[ ,])${client} ${user}${at} ${request} ${counted}`,
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
    first: `${digits}abcdef`,
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
    first: `${digits}[:`,
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
    first: digits,
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
    ],
  },
]
