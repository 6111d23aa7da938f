import { digits, type PresetFamily } from '../preset.ts'
import { esxLevels } from './iso-programs.ts'

const r = String.raw

/** What a call of the kernel gave, and why. */
const result = r`(?<result>-?\w+|\?)(?<rest>(?:<[^>\n]*>)?(?: E[A-Z_]+)?(?: [(<].*)?)`

/** Forms that begin with a number: an epoch, a clock, a short date, a process or a severity. */
export const numbered: readonly PresetFamily[] = [
  {
    first: digits,
    presets: [
      {
        name: 'strace',
        pattern: r`(?:(?<pid>\d+) +)?(?<time>\d{10}\.\d{6}) (?<component>\w+)\((?<message>.*?)(?:\) += ${result}| ?<unfinished \.\.\.>)`,
      },
      {
        name: 'strace-resumed',
        pattern: r`(?:(?<pid>\d+) +)?(?<time>\d{10}\.\d{6}) <\.\.\. (?<component>\w+) resumed>,? ?(?<message>.*?)\) += ${result}`,
      },
      {
        name: 'strace-free',
        pattern: r`(?:(?<pid>\d+) +)?(?<time>\d{10}\.\d{6}) (?<message>(?:---|\+\+\+|<\.\.\.) .*)`,
      },
      {
        name: 'strace-clock',
        pattern: r`(?:(?<pid>\d+) +)?(?<clock>\d{2}:\d{2}:\d{2}\.\d{6}) (?:<\.\.\. (?<resumed>\w+) resumed>,? ?|(?<component>\w+)\()(?<message>.*?)\) += ${result}`,
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
        name: 'redis-oldest',
        pattern: r`(?<time>\d{1,2} %{MONTH} %{CLOCK}) (?<level>[.*#-]) (?<message>.*)`,
        levels: { '.': 'debug', '-': 'debug', '*': 'info', '#': 'warn' },
      },
      {
        name: 'freeswitch-short',
        pattern: r`(?<time>\d{2}-\d{2} %{CLOCK}) \[%{LEVEL:level}\] (?:\[(?<module>[A-Z_]+)\] )?\[?(?<component>[\w.]+:\d+)\]? (?<message>.*)`,
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
        levels: esxLevels,
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
        dateOrder: 'year-first',
      },
      {
        name: 'mysql-old',
        pattern: r`(?<time>\d{6} {1,2}\d{1,2}:\d{2}:\d{2})[ \t]+(?:(?<thread>\d+) )?(?:\[%{LEVEL:level}\] )?(?<message>.*)`,
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
    ],
  },
]
