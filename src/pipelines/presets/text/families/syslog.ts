import { digits, type PresetFamily, type TextPreset } from '../preset.ts'

const r = String.raw

const facilities = 'kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|authpriv|ftp|ntp|security|console|local[0-7]'
const severities = 'emerg|alert|crit|err|error|warning|warn|notice|info|debug|none'

/** Behind the time of a syslog line, which leaves out the year. */
const behindTime: readonly TextPreset[] = [
  { name: 'syslog-event', pattern: r` (?:%{HOST:host} )?(?:[\w.-]+: )?%{SECURITYEVENT:inner}` },
  {
    name: 'syslog-cisco',
    pattern: r`(?: [A-Z]{3,4})?:? (?:(?<host>[\w.-]+) ?:? )?(?<component>%(?:ASA|FTD|PIX|FWSM|[A-Z][A-Z0-9_]*(?:-[A-Z0-9_]+)?)-(?<severityNumber>\d)-(?<code>\w+)): (?<payload>.*)`,
  },
  {
    name: 'syslog-facility',
    pattern: r` %{HOST:host} (?<facility>${facilities})\.(?<level>${severities}) (?<component>[^\s:\[]+)(?:\[(?<pid>\d+)\])?: ?(?:\[(?<tag>[a-z-]+)\] )?(?:\[ *(?<uptimeS>\d+\.\d+)\] )?(?<payload>.*)`,
    levels: { none: 'info' },
  },
  {
    name: 'syslog-facility-angle',
    pattern: r` <(?<facility>${facilities})\.(?<level>${severities})> %{HOST:host} (?<component>[^\s:\[]+)(?:\[(?<pid>\d+)\])?: ?(?<payload>.*)`,
    levels: { none: 'info' },
  },
  {
    name: 'unifi-firewall',
    pattern: r` %{HOST:host} (?<rule>\[[\w-]+\]) (?<pairs>DESCR=.* URGP=\d+(?: MARK=\w+)?)`,
    message: '{rule} {pairs}',
  },
  {
    name: 'syslog-iptables',
    pattern: r` (?:%{HOST:host} )?(?<component>(?:DENY|DROP|REJECT|ACCEPT|ALLOW)\w*): (?<message>IN=.*)`,
  },
  {
    name: 'cron',
    pattern: r` %{HOST:host} (?<component>CRON|crond?|CROND|anacron)\[(?<pid>\d+)\]: (?<payload>.*)`,
  },
  {
    name: 'syslogd',
    pattern: r` %{HOST:host} (?<component>(?:r?syslogd|syslog-ng|kernel)) (?<release>\d[\w.]*): (?<message>.*)`,
  },
  {
    name: 'cloud-init',
    pattern: r` %{HOST:host} \[CLOUDINIT\] (?<component>[\w.]+)\[%{LEVEL:level}\]: (?<message>.*)`,
  },
  {
    name: 'launchd',
    pattern: r` %{HOST:host} (?<component>[\w.-]+)\[(?<pid>\d+)\] \((?<job>[^)\n]*)\): (?<payload>.*)`,
  },
  {
    name: 'syslog',
    isLoose: true,
    pattern: r` %{HOST:host} (?<component>[^\s:\[]+(?:\([^)]*\))?)(?:\[(?<pid>[^\]\s]*)\])?:(?= |$) ?(?<payload>.*)`,
  },
  { name: 'syslog-blank-pid', pattern: r` (?:%{HOST:host} )?(?<component>[\w./-]+) \[(?<pid>\d+)\]: (?<payload>.*)` },
  {
    name: 'syslog-no-colon',
    isLoose: true,
    pattern: r` %{HOST:host} (?<component>[\w./-]+)\[(?<pid>\d+)\] (?<payload>.*)`,
  },
  {
    name: 'syslog-no-host',
    isLoose: true,
    pattern: r` {1,2}(?<component>[A-Za-z_][\w./-]*(?:\([^)\s]*\))?)(?:\[(?<pid>[^\]\s]*)\])?: ?(?<payload>.*)`,
  },
  { name: 'syslog-brackets', pattern: r` \[(?<component>[\w./-]+)\]:? (?<payload>.*)` },
  {
    name: 'syslog-program-words',
    pattern: r` %{HOST:host} (?<component>[A-Z][\w.]*(?: [A-Z][\w.]*){1,3})\[(?<pid>\d+)\]: ?(?<payload>.*)`,
  },
  {
    name: 'routeros',
    pattern: r` %{HOST:host} (?<topics>[a-z]+(?:,[a-z]+)+) (?<message>.*)`,
  },
  { name: 'apache-error-syslog', pattern: r` %{HOST:host} (?<component>\w+_error|\w+_access) (?<message>.*)` },
  { name: 'syslog-repeated', pattern: r` (?<message>--- last message repeated .*)` },
  { name: 'syslog-level', pattern: r` (?<component>[A-Z]+) \[%{LEVEL:level}\] (?<message>.*)` },
  { name: 'syslog-free', pattern: r` +%{HOST:host} (?<message>.*)`, isLoose: true },
  { name: 'syslog-bare', pattern: r`:? *(?<message>.*)`, isLoose: true },
]

/** Syslog by RFC 3164 and 5424, with and without what they ask for. */
export const syslog: readonly PresetFamily[] = [
  {
    first: `<${digits}`,
    lead: r`(?:\d{1,6} )?<(?<priority>\d{1,3})>(?<version>\d{1,2}) (?:-|(?<time>%{ISO})) (?:-|(?<host>\S+)) (?:-|(?<component>\S+)) (?:-|(?<pid>\S+)) (?:-|(?<messageId>\S+)) ?`,
    presets: [
      { name: 'syslog-5424-event', pattern: r`(?:(?:-|\[.*?\]) )?\ufeff?%{SECURITYEVENT:inner}` },
      {
        name: 'syslog-5424',
        isLoose: true,
        pattern: r`(?:-|(?<structured>(?:\[[^\s\]="]{1,64}(?: +[^\s=\]"]{1,64}= ?"(?:[^"\\\]]|\\.)*")* *\])+))(?: \ufeff?(?<payload>.*))?`,
      },
      { name: 'syslog-5424-free', isLoose: true, pattern: r`(?<message>.*)` },
    ],
  },
  {
    first: '<',
    lead: r`<(?<priority>\d{1,3})>(?:\d+: )?(?:(?<cisco>[\w.-]+): )?[*.]?(?<time>%{SYSLOGTIME})`,
    presets: behindTime,
  },
  {
    isLoose: true,
    first: '<',
    lead: r`<(?<priority>\d{1,3})> ?`,
    presets: [
      { name: 'syslog-iso-event', pattern: r`(?:%{ISO:time} )?(?:%{HOST:host} )?%{SECURITYEVENT:inner}` },
      {
        name: 'syslog-iso-priority',
        pattern: r`%{ISO:time} %{HOST:host} (?<component>[^\s:\[]+)(?:\[(?<pid>[^\]\s]*)\])?: ?(?<payload>.*)`,
      },
      { name: 'syslog-iso-free', pattern: r`%{ISO:time} %{HOST:host} (?<message>.*)`, isLoose: true },
      { name: 'kernel', pattern: r`\[ *(?<uptimeS>\d+\.\d+)\] (?<message>.*)` },
      { name: 'journal', pattern: r`(?<component>[\w./-]+)(?:\[(?<pid>\d+)\])?: (?<payload>.*)` },
      { name: 'syslog-priority', pattern: r`(?<message>.*)`, isLoose: true },
    ],
  },
  {
    first: 'JFMASOND*.',
    lead: r`[*.]?(?<time>%{SYSLOGTIME})(?![\w:]| [AP]M)`,
    presets: behindTime,
  },
  {
    first: 'jfmasondJFMASOND',
    lead: r`(?<time>[A-Z a-z]{3,5}\.? \d{1,2}, \d{4} \d{1,2}:\d{2}:\d{2} [AP]M)`,
    presets: [
      { name: 'java-util-level', pattern: r` (?<component>[\w.$]+) (?<method>\S+)\s+%{LEVEL:level}: (?<message>.*)` },
      { name: 'java-util', isLoose: true, pattern: r` (?<component>[\w.$]+) (?<message>.*)` },
    ],
  },
  {
    first: 'JFMASOND',
    lead: r`(?<time>%{MONTH}-\d{2}-\d{2} %{CLOCK})`,
    presets: [
      {
        name: 'assp',
        pattern: r` (?:(?<session>m1-[\d-]+) )?(?:\[(?<context>[^\]]*)\] ?)*(?:%{IP:ip} )?(?<message>.*)`,
      },
    ],
  },
]
