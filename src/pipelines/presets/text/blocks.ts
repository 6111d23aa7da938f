import { casesOf } from '../../levels/level.ts'

const levelWords =
  'trace trc verbose vrb debug dbg debu fine finer finest config info inf information informational notice note success warn wrn warning warni error err eror erro severe crit critical fatal ftl fata alert emerg emergency panic dpanic'

const months = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec'

/**
 * Building blocks of the presets' patterns. None may match a text in two ways of unlike length at one place, apart from
 * what ends the line: a failing match then goes back over each character a bounded number of times.
 */
export const blocks: Readonly<Record<string, string>> = Object.freeze({
  LEVEL: `(?:${levelWords.split(' ').flatMap(casesOf).join('|')})(?![A-Za-z])`,
  MONTH: `(?:${months})`,
  DAY: '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)',
  CLOCK: '\\d{1,2}:\\d{2}:\\d{2}(?:[.,]\\d{1,9})?',
  ZONE: '(?:Z|UTC|GMT|CES?T|EES?T|WES?T|BST|IST|MSK|[ECMP][SD]T|JST|KST|AE[SD]T|[+-]\\d{2}(?::?\\d{2})?)(?!\\w|:\\d)',
  ISO: '\\d{4}-\\d{2}-\\d{2}(?:T|  ?)\\d{1,2}:\\d{2}:\\d{2}(?:[.,:]\\d{1,9})?(?: [AP]M)?(?: ?%{ZONE})?',
  SYSLOGTIME: `%{MONTH} {1,2}\\d{1,2}(?: \\d{4})?,? \\d{1,2}:\\d{2}:\\d{2}(?:\\.\\d{1,6})?(?: \\d{4}(?= ))?`,
  HTTPDATE: '\\d{1,2}/[^\\s/\\]]{3,9}/\\d{4}[: ]\\d{1,2}:\\d{2}:\\d{2}(?:\\.\\d{1,6})?(?: (?:[+-]\\d{4}|GMT|UTC|Z)?)?',
  CTIME: `%{DAY} %{MONTH} {1,2}\\d{1,2} %{CLOCK}(?: [A-Z]{3,4})? \\d{4}`,
  IPV4: '\\d{1,3}(?:\\.\\d{1,3}){3}(?![\\d.]*\\d)',
  IPV6: '(?:::[fF]{4}:\\d{1,3}(?:\\.\\d{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:%\\w{1,16})?)',
  IP: '(?:%{IPV4}|%{IPV6})',
  HOST: '[A-Za-z0-9_][A-Za-z0-9_.:-]*(?<![^:]:)',
  /** A text in brackets, which may hold brackets itself. */
  NESTED: '(?:[^\\[\\]]|\\[[^\\[\\]]*\\])*',
  SECURITYEVENT: '(?:CEF|LEEF):\\d.*',
})
