import { readMysqlSlow } from '../mysql-slow.ts'
import { digits, lower, type PresetFamily, type TextPreset, upper } from '../preset.ts'

const r = String.raw

const sssdLevels = {
  '0x0010': 'critical',
  '0x0020': 'critical',
  '0x0040': 'error',
  '0x0080': 'warn',
  '0x0100': 'info',
  '0x0200': 'info',
  '0x0400': 'debug',
  '0x1000': 'debug',
  '0x2000': 'debug',
  '0x4000': 'debug',
  '0x3f7c0': 'info',
} as const

const behindSlashes: readonly TextPreset[] = [
  {
    name: 'nginx-error',
    pattern: r` \[%{LEVEL:level}\] (?<pid>\d+)#(?<tid>\d+): (?:\*(?<connection>\d+) )?(?<message>.*)`,
  },
  {
    name: 'xmlrpc',
    pattern: r` (?:[+-]\d{2}:\d{2} )?(?<pid>\d+) (?<ip>\S+): (?<component>\w+)/(?<message>.*)`,
  },
  { name: 'stunnel', pattern: r` LOG(?<level>[0-7])\[(?<process>[^\]]*)\]: (?<message>.*)` },
  { name: 'go-level', isLoose: true, pattern: r` \[?%{LEVEL:level}\]?:? +(?<message>.*)` },
  { name: 'go-file', pattern: r` (?<component>[\w.-]+\.go:\d+): (?<message>.*)` },
  { name: 'go-log', pattern: r`[ :-]*(?<message>.*)`, isLoose: true },
]

/** Forms that begin with something other than a time of ISO 8601, of syslog, or a time in brackets. */
export const others: readonly PresetFamily[] = [
  {
    presets: [
      // Of tools that print lines of several files.
      { name: 'file-name', pattern: r`(?<file>[\w/][\w./-]*\.log[\w.:-]{0,60}) (?<inner>%{ISO}.*)` },
    ],
  },
  {
    first: digits,
    presets: [{ name: 'directadmin', pattern: r`(?<time>\d{4}:\d{2}:\d{2}-%{CLOCK}): (?<message>.*)` }],
  },
  {
    first: digits,
    lead: r`(?<time>\d{4}[/.:]\d{2}[/.:]\d{2}[ -]\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?: %{ZONE})?)`,
    presets: behindSlashes,
  },
  {
    first: digits,
    lead: r`%{HTTPDATE:time}`,
    presets: [
      { name: 'http-date-level', pattern: r`[ ,:-]+\[?%{LEVEL:level}\]?:? +(?<message>.*)` },
      { name: 'http-date', pattern: r`[ ,:-]+(?<message>.*)`, isLoose: true },
    ],
  },
  {
    first: digits,
    lead: r`(?<time>\d{1,2}-%{MONTH}-\d{2,4} %{CLOCK})`,
    presets: [
      {
        name: 'tomcat',
        pattern: r` %{LEVEL:level} \[(?<thread>%{NESTED})\] (?<component>[\w.$]+)\.(?<method>[\w<>$]+)(?: (?<message>.*))?`,
      },
      { name: 'bind', pattern: r` (?<category>[\w-]+): %{LEVEL:level}: (?<message>.*)` },
      { name: 'day-level', pattern: r` \[?%{LEVEL:level}\]?:? +(?<message>.*)`, isLoose: true },
      { name: 'day', pattern: r`[ :,-]*(?<message>.*)`, isLoose: true },
    ],
  },
  {
    first: digits,
    lead: r`(?<time>\d{1,2}[/.-]\d{1,2}[/.-]\d{4},? \d{1,2}:\d{2}:\d{2}(?:[.,:]\d{1,6})?(?: ?[AP]M)?(?: [+-]\d{4})?)`,
    presets: [
      {
        name: '3proxy',
        pattern: r` (?<component>[A-Z]+\.\d+) (?<code>\d+) (?<user>\S+) (?<ip>[^\s:]+):(?<port>\d+) (?<message>.*)`,
      },
      { name: 'date-level', pattern: r` \[?%{LEVEL:level}\]?:? +(?<message>.*)` },
      { name: 'date', pattern: r`[ :,-]*(?<message>.*)`, isLoose: true },
    ],
  },
  {
    first: 'MTWFS',
    lead: r`(?<time>%{DAY},? (?:%{MONTH} {1,2}\d{1,2} %{CLOCK}(?: [A-Z]{3,4})? \d{4}|\d{1,2} %{MONTH} \d{4} %{CLOCK}(?: [+-]\d{4}| [A-Z]{3,4})?))`,
    presets: [
      {
        name: 'openwrt',
        pattern: r` (?<facility>[a-z]+\d?)\.(?<level>emerg|alert|crit|err|warn|notice|info|debug) (?<component>[^\s:\[]+)(?:\[(?<pid>\d+)\])?: ?(?<payload>.*)`,
      },
      { name: 'vsftpd', pattern: r` \[pid (?<pid>\d+)\] (?:\[(?<user>[^\]]*)\] )?(?<message>.*)` },
      { name: 'monitorix', pattern: r` - (?<result>[A-Z]+) - \[(?<ip>[^\]]*)\] (?<message>.*)` },
      { name: 'openwebmail', pattern: r` - \[(?<pid>\d+)\] \((?<ip>[^)]*)\) (?<user>\S+) - (?<message>.*)` },
      { name: 'dated-level', pattern: r`:? +[\[(]?%{LEVEL:level}[\])]?:? *-? ?(?<message>.*)` },
      { name: 'dated', pattern: r`[ :,-]*(?<message>.*)`, isLoose: true },
    ],
  },
  {
    first: 'IWEF',
    lead: r`(?<level>[IWEF])(?<time>(?:\d{2}|\d{4})?\d{4} \d{1,2}:\d{2}:\d{2}\.\d{1,9}) +`,
    presets: [
      { name: 'klog', pattern: r`(?<pid>\d+) (?<component>[^\s\]]+)\] ?(?<message>.*)` },
      { name: 'cockroach', pattern: r`(?<pid>\d+) (?<component>[\w./@-]+:\d+) +(?<message>.*)` },
    ],
  },
  {
    first: 'DIWEFA',
    presets: [
      {
        name: 'ruby',
        pattern: r`[DIWEFA], \[(?<time>\d{4}-\d{2}-\d{2}[T ]%{CLOCK}) #(?<pid>\d+)\] +%{LEVEL:level} -- (?:(?<component>[^:\n]+))?: (?:\[(?<request>[0-9a-f-]{36})\] )?(?<message>.*)`,
      },
      {
        name: 'ruby-any',
        pattern: r`[DIWEFA], \[(?<time>\d{4}-\d{2}-\d{2}[T ]%{CLOCK}) #(?<pid>\d+)\] +(?<level>ANY) -- (?<component>[^:\n]*): (?<message>.*)`,
        levels: { ANY: 'info' },
      },
      {
        name: 'cups-error',
        pattern: r`(?<level>[EWNIDdXA]) \[%{HTTPDATE:time}\] (?:(?<component>\w{1,40}): )?(?<message>.*)`,
        levels: { X: 'critical' },
      },
    ],
  },
  {
    first: upper + lower,
    presets: [
      { name: 'page-log', pattern: r`(?<printer>\w+) (?<user>\S+) (?<job>\d+) \[%{HTTPDATE:time}\] (?<message>.*)` },
      {
        name: 'vmware-update-first',
        pattern: r`(?<component>[A-Za-z][\w-]*): (?<pid>\d+): %{ISO:time} (?<location>[\w.]+:\d+) %{LEVEL:level} (?<message>.*)`,
      },
      {
        name: 'vdsm-old',
        pattern: r`(?<thread>[^:\s][^:\n]{0,100})::%{LEVEL:level}::%{ISO:time}::(?<module>[^:]*)::(?<line>\d+)::(?<component>[^:]*)::\((?<function>[^)]*)\) (?<message>.*)`,
      },
      {
        name: 'zellij',
        pattern: r`%{LEVEL:level} +\|(?<component>[^|\n]*)\| %{ISO:time} \[(?<thread>[^\]]*)\] \[(?<location>[^\]]*)\]: (?<message>.*)`,
      },
      {
        name: 'logrus-terminal',
        pattern: r`(?<level>TRAC|DEBU|INFO|WARN|ERRO|FATA|PANI)\[(?<elapsed>[^\]]{1,30})\] (?<message>.*)`,
        levels: { PANI: 'critical' },
      },
      {
        name: 'dotnet-console',
        pattern: r`(?<level>trce|dbug|info|warn|fail|crit): (?<component>[\w.\`+<>-]+)\[(?<eventId>\d+)\]\s+(?<message>.*)`,
      },
      {
        name: 'npm',
        pattern: r`npm (?<level>ERR!|error|WARN|warn|notice|info|http|verb|silly) (?<message>.*)`,
      },
      {
        name: 'logcat-brief',
        pattern: r`(?<level>[VDIWEFA])/(?<component>[^(\n]{1,100})\( *(?<pid>\d+)\): (?<message>.*)`,
      },
      {
        name: 'cef',
        pattern: r`(?<message>CEF:\d+\|.*)`,
      },
      { name: 'leef', pattern: r`(?<message>LEEF:\d+\.\d+\|.*)` },
    ],
  },
  {
    first: 'I',
    presets: [
      {
        name: 'java-wrapper-log4j',
        pattern: r`INFO +\| jvm \d+ +\| (?:\d{4}/\d{2}/\d{2} \d{2}:\d{2}:\d{2}) \| %{ISO:time} \[(?<thread>[^\]]*)\] %{LEVEL:level} +(?<component>\S+) - (?<message>.*)`,
      },
    ],
  },
  {
    first: upper,
    presets: [
      {
        name: 'java-wrapper',
        pattern: r`(?<level>INFO|STATUS|WARN|ERROR|FATAL|DEBUG) +\| (?<component>[\w ]+?) +\| (?<time>\d{4}/\d{2}/\d{2} \d{2}:\d{2}:\d{2}) \| (?:(?<code>[A-Z]{3,}\w*\d[A-Z]) )?(?<message>.*)`,
        levels: { STATUS: 'info' },
      },
      {
        name: 'cassandra',
        pattern: r`%{LEVEL:level} +\[(?<thread>%{NESTED})\] %{ISO:time} (?<component>\S+?):(?<line>\d+) -? ?(?<message>.*)`,
      },
      {
        name: 'nextflow',
        pattern: r`(?<time>%{MONTH}-\d{2} %{CLOCK}) \[(?<thread>%{NESTED})\] %{LEVEL:level} +(?<component>\S+) - (?<message>.*)`,
      },
      {
        name: 'level-time-class',
        pattern: r`\[?%{LEVEL:level}\]?:?(?: -)? +\[?%{ISO:time}\]?[ ,:|>-]*(?:\[(?<thread>[^\]]*)\] )?(?:(?<component>[\w$]+(?:\.[\w$]+)+)(?: - |: ))?(?<message>.*)`,
      },
      {
        name: 'uvicorn',
        pattern: r`%{LEVEL:level}: +%{IP:ip}:(?<port>\d+) - "(?<method>[A-Z]+) (?<path>\S+) (?<protocol>[^"]*)" (?<status>\d{3})(?<rest>.*)`,
        message: '{method} {path} {status}',
      },
      { name: 'python-basic', pattern: r`%{LEVEL:level}:(?<component>[\w.]+):(?<message>.*)` },
      {
        name: 'rails',
        pattern: r`(?<message>Started (?<method>[A-Z]+) "(?<path>[^"]*)" for %{IP:ip} at (?<time>\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2} [+-]\d{4})(?:.*?\nCompleted (?<status>\d{3}) [^\n]*? in (?<durationMs>\d+)ms)?.*)`,
      },
      { name: 'rails-completed', pattern: r`(?<message>Completed (?<status>\d{3}) [\w ]+ in (?<durationMs>\d+)ms.*)` },
      {
        name: 'counter-strike',
        pattern: r`L (?<date>\d{2}/\d{2}/\d{4}) - (?<clock>\d{2}:\d{2}:\d{2}): (?<message>.*)`,
        dateOrder: 'month-first',
      },
      { name: 'smb', pattern: r`(?<component>Auth): (?<message>.*? at \[(?<time>[^\]\n]{10,50})\] .*)` },
      {
        name: 'hsm',
        pattern: r`(?<component>[A-Z]\w+):%{ISO:time}\[(?<thread>[^\]]*)\](?<location>\w+:\d+) \[%{LEVEL:level}\] (?<message>.*)`,
      },
      { name: 'level-first', pattern: r`%{LEVEL:level}: +(?<message>.*)`, isLoose: true },
      {
        name: 'level-word',
        pattern: r`(?<message>(?<level>TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|CRITICAL|FATAL) .*)`,
        isLoose: true,
      },
    ],
  },
  {
    first: lower,
    presets: [
      {
        name: 'icinga-startup',
        pattern: r`(?<level>debug|notice|information|warning|critical)/(?<component>\w+): (?<message>.*)`,
      },
      {
        name: 'openam',
        pattern: r`(?<component>am\w+):(?<time>\d{2}/\d{2}/\d{4} \d{2}:\d{2}:\d{2}:\d{3} [AP]M [A-Z]{3,4}): (?<thread>Thread\[[^\]]*\])\s+(?<message>.*)`,
        dateOrder: 'month-first',
      },
      {
        name: 'auditd',
        pattern: r`(?:node=(?<host>\S+) )?type=(?<type>\w+) msg=audit\((?<time>\d{9,10}\.\d{3}):(?<sequence>\d+)\): ?(?<message>.*)`,
      },
      { name: 'bind-client', pattern: r`(?<message>client (?:@0x[0-9a-f]+ )?%{IP:ip}#(?<port>\d+).*)` },
      {
        name: 'java-level-lower',
        pattern: r`(?<level>debug|info|warn|warning|error|fatal|critical): +(?<message>.*)`,
        isLoose: true,
      },
    ],
  },
  {
    first: '%AFP',
    presets: [
      {
        name: 'asa',
        pattern: r`%?(?<component>(?:ASA|FTD|PIX|FWSM))-(?<severityNumber>\d)-(?<code>\d+): (?<message>.*)`,
      },
    ],
  },
  {
    first: '(',
    presets: [
      {
        name: 'sssd',
        pattern: r`\(%{ISO:time}\): \[(?<component>%{NESTED})\] \[(?<function>[^\]]+)\] \((?<level>0x[0-9a-f]+)\): (?<message>.*)`,
        levels: sssdLevels,
      },
      {
        name: 'sssd-old',
        pattern: r`\((?<time>%{DAY} %{MONTH} {1,2}\d{1,2} %{CLOCK}(?::\d{6})? \d{4})\) \[(?<component>[\w.[\]-]+)\] \[(?<function>[^\]]+)\] \((?<level>0x[0-9a-f]+)\): (?<message>.*)`,
        levels: sssdLevels,
      },
      { name: 'sqlalchemy', pattern: r`\((?<component>[\w.]+)\): %{ISO:time} %{LEVEL:level} (?<message>.*)` },
    ],
  },
  {
    first: '"',
    presets: [
      { name: 'openam-csv', pattern: r`"%{ISO:time}"[\t ]+(?<message>.*?[\t ]%{LEVEL:level}[\t ].*)` },
      { name: 'quoted-time', pattern: r`"%{ISO:time}"[\t ,;]+(?<message>.*)` },
    ],
  },
  {
    first: '#',
    presets: [
      { name: 'shell-history', pattern: r`#\+?(?<time>\d{9,10})\n(?<message>.*)` },
      {
        name: 'mysql-slow',
        pattern: r`(?<message># (?:Time|User@Host):.*)`,
        readMore: readMysqlSlow,
      },
    ],
  },
  {
    first: '<',
    presets: [
      {
        name: 'postgres-angle',
        pattern: r`< ?%{ISO:time}(?: (?<zone>[A-Z]{2,5}))?(?<session>[^>\n]{0,200})>(?<level>LOG|FATAL|PANIC|ERROR|WARNING|NOTICE|INFO|DEBUG[1-5]?|DETAIL|HINT|CONTEXT|STATEMENT): +(?<message>.*)`,
        levels: { DETAIL: 'info', HINT: 'info', CONTEXT: 'info', STATEMENT: 'info' },
      },
      { name: 'murmur', pattern: r`<(?<level>[WEIFDCX])>%{ISO:time} (?<message>.*)`, levels: { X: 'info' } },
      { name: 'oracle-ims', pattern: r`(?<message><\w{1,8} ts="(?<time>[^"]{10,40})".*)` },
    ],
  },
  {
    first: '#',
    presets: [
      {
        name: 'weblogic',
        pattern: r`####<(?<time>[^>]{10,60})> <%{LEVEL:level}> <(?<component>[^>]*)> <(?<host>[^>]*)> <(?<server>[^>]*)> (?<message>.*)`,
      },
    ],
  },
  {
    first: '@',
    presets: [{ name: 'tai64n', pattern: r`(?<time>@4000000[0-9a-f]{17}) (?<message>.*)` }],
  },
  {
    first: '=/',
    presets: [
      { name: 'dump', pattern: r`(?<message>=+ (?:Start|End) of [\w ]+ at (?<time>%{CTIME}) =+)` },
      {
        name: 'erlang-report',
        pattern: r`=(?<level>INFO|ERROR|WARNING|CRASH|SUPERVISOR|PROGRESS) REPORT==== (?:(?<date>\d{1,2}-%{MONTH}-\d{4})::(?<clock>%{CLOCK})|%{ISO:time}) ===\s*(?<message>.*)`,
        levels: { CRASH: 'error', SUPERVISOR: 'info', PROGRESS: 'info' },
      },
      { name: 'fsck', pattern: r`(?<message>/dev/\S+: .* at (?<time>%{CTIME}))` },
    ],
  },
]
