import type { TextPreset } from '../preset.ts'

const r = String.raw

const postgresLevels = {
  DETAIL: 'info',
  HINT: 'info',
  QUERY: 'info',
  CONTEXT: 'info',
  STATEMENT: 'info',
  LOCATION: 'info',
} as const
const postgresLevel = r`(?<level>LOG|FATAL|PANIC|ERROR|WARNING|NOTICE|INFO|DEBUG[1-5]?|DETAIL|HINT|QUERY|CONTEXT|STATEMENT|LOCATION)`
const postgresDuration = r`(?:(?<sqlState>(?=[A-Z]{0,4}\d)[A-Z\d]{5}): )?(?:duration: (?<durationMs>\d+(?:\.\d+)?) ms +)?`

export const esxLevels = {
  Db: 'debug',
  In: 'info',
  No: 'info',
  Wa: 'warn',
  Er: 'error',
  Cr: 'critical',
  Al: 'critical',
  Em: 'critical',
} as const

const vmkernelLevels = { ALERT: 'error' } as const

/** Programs whose lines begin with a time of ISO 8601, each with a form of its own. */
export const isoPrograms: readonly TextPreset[] = [
  { name: 'cri', pattern: r` (?<stream>stdout|stderr) (?<partial>[FP])(?::[\w:]*)? ?(?<inner>.*)`, time: /T/ },
  { name: 'iso-event', pattern: r` (?:%{HOST:host} )?%{SECURITYEVENT:inner}` },
  {
    name: 'postgres',
    pattern: r`(?: (?<zone>[A-Z]{2,5}))?(?<session>[ :][^\n]{0,300}?)(?<=[ :\d])${postgresLevel}:  ${postgresDuration}(?<message>.*)`,
    levels: postgresLevels,
  },
  {
    name: 'postgres-session',
    pattern: r`(?: (?<zone>[A-Z]{2,5}))?(?<session>[ :][^\n\[]{0,80}\[\d+(?:-\d+)?\][^\n]{0,120}?)(?<=[ :\d])${postgresLevel}: +${postgresDuration}(?<message>.*)`,
    levels: postgresLevels,
  },
  {
    name: 'mongodb',
    pattern: r` (?<level>[FEWID])(?<verbosity>[1-5])? +(?:-|(?<component>[A-Z_]+)) +(?:\[(?<context>[^\]]*)\] )?(?<message>.*)`,
  },
  {
    name: 'mongodb-old',
    pattern: r` \[(?<context>conn\d+|initandlisten|rsStart|signalProcessingThread)\] (?<message>.*)`,
  },
  {
    name: 'mysql-error',
    pattern: r` (?<thread>\d+) \[(?<level>Note|Warning|ERROR|Error|System)\] (?:\[(?<code>MY-\d+)\] )?(?:\[(?<component>\w+)\] )?(?<message>.*)`,
  },
  {
    name: 'mysql-general',
    pattern: r`[ \t]+(?<thread>\d+) (?<command>[A-Z][A-Za-z]+(?: [A-Za-z]+)?)[ \t]*(?<message>.*)`,
    time: /Z|\+\d\d:\d\d/,
  },
  { name: 'rabbitmq', pattern: r` \[%{LEVEL:level}\] <(?<process>[\d.]+)>@?(?<location>[\w:]*) (?<message>.*)` },
  { name: 'calico', pattern: r` \[%{LEVEL:level}\]\[(?<pid>\d+)\] (?<component>\S+) (?<line>\d+): (?<message>.*)` },
  { name: 'freeswitch', pattern: r` (?<idle>\d+\.\d+)% \[%{LEVEL:level}\] (?<component>\S+) (?<message>.*)` },
  {
    name: 'etcd',
    pattern: r` (?<level>[CEWNIDT]) \| (?<component>[\w/-]+): (?<message>.*)`,
  },
  { name: 'jenkins', pattern: r` \[id=(?<thread>\d+)\]\t%{LEVEL:level}\t(?<component>[^:\s]+): (?<message>.*)` },
  {
    name: 'logcat-year',
    pattern: r` +(?:(?<user>\w+) +)?(?<pid>\d+) +(?<tid>\d+) (?<level>[VDIWEFA]) (?:(?<component>[^:\[\s][^:\n]*): )?(?<message>.*)`,
  },
  {
    name: 'vmware-quoted',
    pattern: r` \[(?<thread>\w+) %{LEVEL:level} '(?<component>[^']*)'(?: (?<context>[^\]]*))?\] (?<message>.*)`,
  },
  { name: 'hclog', isLoose: true, pattern: r` +\[%{LEVEL:level}\] +(?<component>[a-z][\w.@/-]*): (?<message>.*)` },
  {
    name: 'zap-console',
    pattern: r`\t%{LEVEL:level}\t(?:(?<component>[\w.-]+)\t)?(?<caller>[\w./@-]+:\d+)\t(?<message>[^\t]*)(?:\t(?<json>\{.*\}))?`,
  },
  {
    name: 'zap-tabs',
    isLoose: true,
    pattern: r`\t%{LEVEL:level}\t(?:(?<component>[\w.-]+)\t)?(?<caller>[\w./@-]+:\d+)\t(?<message>.*)`,
  },
  { name: 'zap-short', isLoose: true, pattern: r`\t%{LEVEL:level}\t(?<message>.*)` },
  {
    name: 'vmkernel-esx',
    pattern: r` (?<severity>[A-Z][a-z])\(\d+\)[: ] ?(?<component>vmk\w+): cpu(?<cpu>\d+):(?<world>\d+)(?: opID=(?<operation>\w+))?\)(?:(?<level>WARNING|ALERT|INFO|DEBUG)|(?<module>[^:\n]{1,60})): (?<message>.*)`,
    levels: vmkernelLevels,
  },
  {
    name: 'esx',
    isLoose: true,
    pattern: r` (?<level>Db|In|No|Wa|Er|Cr|Al|Em)\((?<priorityValue>\d+)\)(?: ?\[\+\])?:? (?<component>[\w./-]+)(?:\[(?<pid>\d+)\])?: (?:%{LEVEL:ownLevel} )?(?:-?\[(?<thread>\d+)\] )?(?:\[(?<context>%{NESTED})\] )?(?<payload>.*)`,
    levels: esxLevels,
  },
  {
    name: 'esx-no-colon',
    isLoose: true,
    pattern: r` (?<level>Db|In|No|Wa|Er|Cr|Al|Em)\((?<priorityValue>\d+)\):? (?<component>[\w./-]+) (?<message>.*)`,
    levels: esxLevels,
  },
  {
    name: 'vmkernel',
    pattern: r` cpu(?<cpu>\d+):(?<world>\d+)(?: opID=(?<operation>\w+))?\)(?:(?<level>WARNING|ALERT|INFO|DEBUG)|(?<component>[^:\n]{1,60})): (?<message>.*)`,
    levels: vmkernelLevels,
  },
  {
    name: 'vmware',
    isLoose: true,
    pattern: r` %{LEVEL:level} (?<component>[\w.-]+)\[(?<pid>\w+)\] (?:\[(?<context>(?:Originator@|opID=|[\w:.]+ opID=|\w+ \d+)%{NESTED})\] )?(?<message>.*)`,
  },
  {
    name: 'vmware-blank-pid',
    pattern: r` %{LEVEL:level} (?<component>[\w.-]+) (?<pid>\d+) \[(?<context>Originator@%{NESTED})\] (?<message>.*)`,
  },
  {
    name: 'vmware-service',
    pattern: r` %{LEVEL:level} (?<component>[a-z][\w-]*) \[(?<location>[\w./-]+:\d+)\] (?:\[opID=(?<operation>[^\]]*)\] )?(?<message>.*)`,
  },
  { name: 'vmware-python', pattern: r` \[(?<pid>\d+)\]%{LEVEL:level}:(?<component>[\w.-]+):(?<message>.*)` },
  {
    name: 'vmware-java',
    pattern: r` \[(?<thread>[^\s\[\]]{1,100})(?: \[\]| null)? +%{LEVEL:level} +(?<component>[\w.$]+) +opId=(?<operation>[^\]]*)\] ?(?<message>.*)`,
  },
  {
    name: 'vmware-update',
    pattern: r` (?<component>[\w-]+): (?<pid>\d+): (?<location>[\w.]+:\d+) %{LEVEL:level} (?<message>.*)`,
  },
  {
    name: 'vmware-update-logger',
    pattern: r` (?<program>[\w-]+): (?<pid>\d+): (?<component>[\w.]+): %{LEVEL:level}: (?<message>.*)`,
  },
  { name: 'vmware-script', pattern: r` \[(?<script>/[\w./-]+)\[(?<pid>\d+)\]: (?<message>.*)\]` },
  {
    name: 'elb',
    pattern: r` (?<balancer>[\w/.-]+) %{IP:ip}:(?<port>\d+) (?<backend>\S+) (?<requestTime>-?[\d.]+) (?<backendTime>-?[\d.]+) (?<responseTime>-?[\d.]+) (?<status>\d{3}|-) (?<backendStatus>\S+) (?<received>\d+) (?<sent>\d+) "(?<request>[^"]*)"(?<rest>.*)`,
    message: '{request} {status}',
  },
  {
    name: 'iis-error',
    pattern: r` (?<ip>%{IP}) (?<port>\d+) (?<serverIp>%{IP}|-) (?<serverPort>\d+|-) (?<protocol>HTTP/[\d.]+|-) (?<method>\S+) (?<path>\S+) (?:(?<streamId>\d+|-) )?(?<status>\d{3}|-) (?<site>\S+) (?<message>\S+) (?<queue>\S+)`,
  },
  {
    name: 'iis',
    pattern: r`(?: (?<site>W3SVC\d+))?(?: (?<server>[\w-]+(?= %{IP} )))?(?: (?<serverIp>\S+))? (?<method>[A-Z]{3,10}) (?<path>\S+) (?<query>\S+) (?<port>\d+) (?<user>\S+) (?<ip>\S+) (?:(?<protocol>HTTP/[\d.]+) )?(?<more>(?:\S+ ){0,6})(?<status>\d{3}) (?<substatus>\d+) (?<win32>\d+)(?: (?<sent>\d+) (?<received>\d+))?(?: (?<durationMs>\d+))?(?<rest>(?: \S+){0,4})`,
    message: '{method} {path} {status}',
  },
  {
    name: 'access-iso',
    pattern: r` %{IP:ip} (?<user>\S+) (?<method>[A-Z]+) (?:"(?<path>[^"]*)"|(?<plainPath>\S+)) (?<port>\S+) (?<status>\d{3}) (?<bytes>\d+|-)(?<rest>.*)`,
    message: '{method} {path}{plainPath} {status}',
  },
  {
    name: 'exchange',
    pattern: r`,(?<session>[^,]*),(?<sequence>\d+),(?<local>[^,]*),%{IP:ip}:(?<port>\d+),(?<message>.*)`,
  },
  {
    name: 'exchange-smtp',
    pattern: r`,(?<connector>[^,]*),(?<session>[^,]*),(?<sequence>\d+),(?<local>[^,]*),%{IP:ip}:(?<port>\d+),(?<message>.*)`,
  },
  { name: 'mssql', isLoose: true, pattern: r` (?<component>Logon|Server|Backup|spid\d+s?) +(?<message>.*)` },
  { name: 'lighttpd', pattern: r`: \(?(?<component>\w+\.c)\.(?<line>\d+)\) (?<message>.*)` },
  {
    name: 'syslog-iso',
    isLoose: true,
    pattern: r` (?!%{LEVEL})%{HOST:host} (?<component>[^\s:\[\]]+)\[(?<pid>[^\]]*)\]: ?(?<payload>.*)`,
  },
  {
    name: 'syslog-iso-program',
    isLoose: true,
    pattern: r` (?!%{LEVEL})%{HOST:host} (?!%{LEVEL})(?<component>[A-Za-z_][\w./()+-]*): ?(?<payload>.*)`,
    time: /T/,
  },
  { name: 'syslog-iso-json', pattern: r` (?<host>%{IP}|[\w.-]+\.[\w.-]+) (?<message> *\{.*)`, time: /T/ },
  {
    name: 'syslog-iso-no-host',
    pattern: r` (?!%{LEVEL})(?<component>[A-Za-z_][\w./-]*)\[(?<pid>[^\]\s]{1,40})\]: ?(?<payload>.*)`,
  },
  { name: 'proftpd', pattern: r` %{HOST:host} (?<component>proftpd)\[(?<pid>\d+)\] (?<payload>.*)` },
  {
    name: 'snaplogic',
    pattern: r` %{LEVEL:level} (?<component>\w+\.\w+) (?<facility>\S+) (?<messageId>\S+) (?<pipeline>-|\d+)(?:\.(?<snap>\S+))? (?<resource>\S+) (?<invoker>\S+) ?(?<message>.*)`,
  },
  { name: 'uptime', pattern: r` \[(?<component>[A-Z][\w-]*)\] %{LEVEL:level}: (?<message>.*)` },
  { name: 'lnav', pattern: r` (?<level>[TDIWE]) (?<thread>t\d+) (?<location>\S+:\d+) (?<message>.*)` },
  { name: 'dpkg', pattern: r` (?<component>update-alternatives): (?<message>.*)` },
]

/** The forms that say least, in the order of how much they say. */
export const isoLoose: readonly TextPreset[] = [
  { name: 'leveled-brackets', isLoose: true, pattern: r` *\[%{LEVEL:level} *\] *:?-? ?(?<message>.*)` },
  { name: 'leveled', pattern: r`[ :]+[<(\[]?%{LEVEL:level}[>)\]]?:? *(?:-|\|)? *(?<message>.*)`, isLoose: true },
  { name: 'timed', pattern: r`[\])]?[ :,;|-]*(?<message>.*)`, isLoose: true },
]
