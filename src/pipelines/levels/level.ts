/** The five levels of a log document, from harmless to worst. */
export const levels = ['debug', 'info', 'warn', 'error', 'critical'] as const
/** One of the five levels that a document may have. */
export type Level = (typeof levels)[number]

const wordsOf: Readonly<Record<Level, string>> = {
  debug:
    'debug debu debg dbug dbg deb d d1 d2 d3 d4 d5 trace trac trce trc t verbose verb vrb v fine finer finest silly spam diagnostic',
  info: 'info inf i information informational informative notice notic note ntc n config cfg http success normal default message log audit system ok metadata request requestresponse',
  warn: 'warn warning warni wrn wrng w warnings deprecation deprecated',
  error: 'error erro err eror eerr err! e errors severe sever failure fail failed exception',
  critical:
    'critical crit crt c fatal fata ftl f alert alrt a emerg emergency emrg panic pnc dpanic assert wtf disaster blocker',
}

const levelOfWord: ReadonlyMap<string, Level> = new Map(
  levels.flatMap((level) => wordsOf[level].split(' ').flatMap((word) => casesOf(word).map((form) => [form, level]))),
)

/** The three usual ways to write a word: they are found without a change of case. */
export function casesOf(word: string): readonly string[] {
  return [word, word.toUpperCase(), word.charAt(0).toUpperCase() + word.slice(1)]
}

const longestWord = 40
/** Also the steps between levels: `ERROR+2` of Go's slog, `INFO2` of OpenTelemetry, `DEBUG1` of PostgreSQL. */
const blanksAndBrackets = /^[\s[(<"']+|[\s\])>"':,]+$|[+-]\d{1,3}$|(?<=[A-Za-z]{3})\d$/g
const ansiColors = new RegExp(`${String.fromCharCode(0x1b)}\\[[\\d;]*m`, 'g')

/**
 * The level that a word names: long or short, in any case, in brackets or colors, or a number that pino, bunyan or syslog
 * use. Undefined where it names none. Never for a word of a message: only for what stands where a format has its level.
 */
export function levelOf(word: string): Level | undefined {
  const level = levelOfWord.get(word)
  if (level !== undefined || word.length > longestWord) return level
  const bare = word.replace(ansiColors, '').replace(blanksAndBrackets, '').toLowerCase()
  return levelOfWord.get(bare) ?? (/^\d{1,3}$/.test(bare) ? levelOfAnyNumber(Number(bare)) : undefined)
}

/**
 * From which number on a level holds, in rising order. Numbers below the first are of the first; `syslog` and `windows`
 * fall while they get worse.
 */
const schemes = {
  pino: [
    [0, 'debug'],
    [30, 'info'],
    [40, 'warn'],
    [50, 'error'],
    [60, 'critical'],
  ],
  python: [
    [0, 'debug'],
    [20, 'info'],
    [30, 'warn'],
    [40, 'error'],
    [50, 'critical'],
  ],
  syslog: [
    [0, 'critical'],
    [3, 'error'],
    [4, 'warn'],
    [5, 'info'],
    [7, 'debug'],
  ],
  /** Windows events and Azure: 0 is always written. */
  windows: [
    [0, 'info'],
    [1, 'critical'],
    [2, 'error'],
    [3, 'warn'],
    [4, 'info'],
    [5, 'debug'],
  ],
  dotnet: [
    [0, 'debug'],
    [2, 'info'],
    [3, 'warn'],
    [4, 'error'],
    [5, 'critical'],
  ],
  /** OpenTelemetry's SeverityNumber; 0 is unspecified. */
  otel: [
    [0, 'info'],
    [1, 'debug'],
    [9, 'info'],
    [13, 'warn'],
    [17, 'error'],
    [21, 'critical'],
  ],
  /** `level_value` of logback. */
  logback: [
    [0, 'debug'],
    [20_000, 'info'],
    [30_000, 'warn'],
    [40_000, 'error'],
    [50_000, 'critical'],
  ],
  monolog: [
    [0, 'debug'],
    [200, 'info'],
    [300, 'warn'],
    [400, 'error'],
    [500, 'critical'],
  ],
  /** LogSeverity of Google Cloud. */
  gcp: [
    [0, 'info'],
    [1, 'debug'],
    [200, 'info'],
    [400, 'warn'],
    [500, 'error'],
    [600, 'critical'],
  ],
} as const satisfies Readonly<Record<string, readonly (readonly [number, Level])[]>>

const otelMost = 24

export type LevelScheme = keyof typeof schemes

/** The level of a number in the scheme of a logger. */
export function levelOfNumber(scheme: LevelScheme, number: number): Level {
  const steps: readonly (readonly [number, Level])[] = schemes[scheme]
  let level = (steps[0] as readonly [number, Level])[1]
  for (const [from, named] of steps) {
    if (number < from) break
    level = named
  }
  return level
}

/** Where nothing says whose number it is: up to 7 syslog's severity, tens are pino's and bunyan's, others up to 24 OpenTelemetry's. */
export function levelOfAnyNumber(number: number): Level | undefined {
  if (Number.isInteger(number) && number >= 0 && number <= 7) return levelOfNumber('syslog', number)
  if (Number.isInteger(number) && number > 7 && number <= otelMost && number % 10 !== 0)
    return levelOfNumber('otel', number)
  return number >= 10 && number <= 60 ? levelOfNumber('pino', number) : undefined
}
