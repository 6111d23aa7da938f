import type { TextPreset } from '../preset.ts'

const r = String.raw

/** Java, and what is written like it, behind a time such as `2026-11-24 07:59:59,123`. */
export const java: readonly TextPreset[] = [
  {
    name: 'spring-boot',
    pattern: r` +%{LEVEL:level} +(?<pid>\d+) --- (?:\[(?<application>[^\]]*)\] ?)?\[(?<thread>[^\]]*)\] ?(?:\[(?<trace>[^\]]*)\] )?(?<component>\S+) *: (?<message>.*)`,
  },
  { name: 'idea', pattern: r` \[ *(?<uptimeMs>\d+)\] +%{LEVEL:level} - (?<component>\S+) - (?<message>.*)` },
  { name: 'odoo', pattern: r` (?<pid>\d+) %{LEVEL:level} (?<database>\S+) (?<component>[\w.]+): (?<message>.*)` },
  {
    name: 'openstack',
    isLoose: true,
    pattern: r` +(?<pid>\d+) +%{LEVEL:level} +(?<component>[\w$.\/-]+) (?:\[(?<request>[^\]]*)\] )?(?<message>.*)`,
  },
  { name: 'jboss', pattern: r` +%{LEVEL:level} +\[(?<component>[^\]]+)\] \((?<thread>[^)]*)\) (?<message>.*)` },
  {
    name: 'vdsm',
    pattern: r` +%{LEVEL:level} +\((?<thread>[^)]*)\) \[(?<component>[^\]]+)\] (?<message>.*) \((?<function>\w+:\d+)\)`,
  },
  {
    name: 'thread-round',
    isLoose: true,
    pattern: r` +%{LEVEL:level} +\((?<thread>[^)]*)\) \[(?<component>[^\]]+)\] (?<message>.*)`,
  },
  {
    name: 'python-traced',
    pattern: r` +%{LEVEL:level} \[(?<component>[^\]]+)\] \[(?<file>[^\]:]+:\d+)\] (?:\[(?<pairs>trace_id=[^\]]*)\] )?- (?<message>.*)`,
  },
  {
    name: 'zimbra',
    pattern: r` +%{LEVEL:level} +\[(?<thread>[^\]]*)\] \[(?<context>[^\]]*\b(?:ip|oip|name|mid)=[^\]]*)\] (?<component>[\w.-]+) - (?<message>.*)`,
  },
  {
    name: 'log4j-brackets',
    isLoose: true,
    pattern: r` +%{LEVEL:level} +\[(?<thread>[^\]]*)\] +\[(?<component>[^\]]*)\] +-? ?(?<message>.*)`,
  },
  {
    name: 'candlepin',
    pattern: r` \[thread=(?<thread>[^\]]*)\] (?:\[(?<context>[^\]]*)\] )*%{LEVEL:level} +(?<component>\S+) - (?<message>.*)`,
  },
  {
    name: 'log4j-thread',
    isLoose: true,
    pattern: r` +%{LEVEL:level} +\[(?<thread>%{NESTED})\] +(?<component>[\w$.#/@<>-]+)(?: *: (?:- )?| +- )(?<message>.*)`,
  },
  {
    name: 'correlated',
    pattern: r` +%{LEVEL:level} +(?<thread>[\w.-]+\[[^\]]*\]) \[(?<correlation>CorId=[^\]]*)\] \[(?<component>[^\]]+)\] (?<message>.*)`,
  },
  {
    name: 'loguru',
    pattern: r` \| %{LEVEL:level} *\| (?<component>[\w.<>]+):(?<function>[\w.<>]+):(?<line>\d+) - (?<message>.*)`,
  },
  {
    name: 'piped',
    pattern: r` \| +%{LEVEL:level} *\| (?<operation>[^|]*)\| (?<component>[^|]*)\| (?:(?<line>\d+) *\| )?(?<message>.*)`,
  },
  {
    name: 'piped-class',
    pattern: r` \| +%{LEVEL:level} *\| (?<component>[\w.$]+) - (?<message>.*)`,
  },
  {
    name: 'hadoop',
    pattern: r` +%{LEVEL:level} +(?<component>\S+) \((?<location>[^()]*(?:\([^()]*\))?)\) - (?<message>.*)`,
  },
  {
    name: 'zookeeper',
    pattern: r` +(?:\[myid:(?<myid>[^\]]*)\] )?- +%{LEVEL:level} +\[(?:(?<thread>%{NESTED}):)?(?<component>[\w.$]+)(?:@(?<line>\d+))?\] - (?<message>.*)`,
  },
  {
    name: 'logback',
    isLoose: true,
    pattern: r` +(?:- +)?\[(?<thread>%{NESTED})\](?: \[(?<request>%{NESTED})\])? +%{LEVEL:level} +(?:opId=(?<operation>\S*) +)?(?<component>[\w$.#/@<>\[\]-]+)(?::(?<line>\d+))?(?:\s+\[(?<context>[^\]]*)\])* *(?:-|:) ?(?<message>.*)`,
  },
  {
    name: 'thread-level-class',
    isLoose: true,
    pattern: r` +(?<thread>[\w.:-]*\d)(?: +operationID=(?<operation>\S*))? +%{LEVEL:level} +(?<component>[a-z]\w*(?:\.[\w$]+)+) (?<message>.*)`,
  },
  {
    name: 'log4j',
    isLoose: true,
    pattern: r` +%{LEVEL:level} +-? ?(?<component>[\w$.#/@<>-]+(?:\[[^\]\s]*\])?)(?: *: | +- )(?<message>.*)`,
  },
  { name: 'python', isLoose: true, pattern: r` +- +(?<component>[^\s:]+) +- +\[?%{LEVEL:level}\]? +- +(?<message>.*)` },
  { name: 'name-dash', isLoose: true, pattern: r` +- +(?<component>[a-z][\w.-]*) +- +(?<message>.*)` },
  { name: 'level-dash', pattern: r` +- +%{LEVEL:level} +- +(?<message>.*)` },
  {
    name: 'class-thread',
    pattern: r` +%{LEVEL:level} +(?<component>[a-z]\w*(?:\.[\w$]+)+) \[(?<thread>[^\]]*)\] (?<message>.*)`,
  },
  { name: 'pgbackrest', pattern: r` (?<process>P\d+) +%{LEVEL:level}: (?<message>.*)` },
  { name: 'tracing', pattern: r` +%{LEVEL:level} +(?<component>\w+(?:::\w+)+): (?<message>.*)` },
  { name: 'simple-logger', isLoose: true, pattern: r` +%{LEVEL:level} +\[(?<component>[\w.:$-]+)\] (?<message>.*)` },
  { name: 'class-braces', pattern: r` +%{LEVEL:level} +\{(?<component>[^}]*)\} (?:- +)?(?<message>.*)` },
]
