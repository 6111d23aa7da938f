import { type Command, Option } from 'commander'
import { counted } from '../../core/counted.ts'
import { systemClock } from '../../core/clock.ts'
import type { Admin } from '../../kafka/port.ts'
import type { Cli, CommonOptions } from '../cli.ts'
import { isoTime, urls, wholeNumber, withConnectionOptions, withExamples } from '../common-options.ts'
import { type Decoding, decodings } from '../records/decoding.ts'
import { avroDecoder, type PartDecoder, plainDecoder, serdeDecoder } from '../records/record-decoder.ts'
import { textOf } from '../records/record-line.ts'
import { type HidingOptions, redactionOf, withRedaction } from '../records/record-options.ts'
import { rangesFrom } from '../../kafka/record-ranges.ts'
import { RecordReader, type RecordRange } from '../../kafka/record-reader.ts'
import type { Serde } from '../../serde/serde.ts'
import { tap, type TapCounts } from '../tap/tap.ts'
import type { TapFilter, TappedRecord } from '../tap/tap-filter.ts'
import { type TapPlace, tapPlace } from '../tap/tap-place.ts'
import { tapWorker } from '../tap/tap-worker.ts'
import { tapTarget } from '../tap/tap-target.ts'

interface TapCommandOptions extends CommonOptions, HidingOptions, TapFilter {
  readonly module?: string
  readonly from: TapPlace
  readonly toEnd?: boolean
  readonly partition?: readonly string[]
  readonly sample: number
  readonly limit?: number
  readonly keyAs?: Decoding | 'avro'
  readonly valueAs?: Decoding | 'avro'
  readonly worker?: string
}

/** `millrace tap TOPIC or NODE`: records as they pass. Reads outside of any group. */
export function addTap(program: Command, cli: Cli): void {
  const command = withConnectionOptions(program.command('tap <topic-or-node>'))
    .description(
      'Shows records as they pass a topic, or a node that has one: a source, a sink, or the changelog of a store. It joins no group and commits nothing.',
    )
    .option('--module <file>', 'the topology: names its nodes, and reads records with its serdes')
    .option(
      '--from <place>',
      'earliest, latest, an offset, an ISO 8601 time, or so long ago, as in PT5M',
      tapPlace,
      'latest',
    )
    .option('--to-end', 'stop behind the records that are there now')
    .option('--partition <number...>', 'only these partitions')
    .option('--key <text>', 'only records with this key')
    .option('--text <text>', 'only records with this text in key or value')
    .option('--header <name[=value]>', 'only records with this header')
    .option('--since <time>', 'only records of this ISO 8601 time and later', isoTime)
    .option('--until <time>', 'only records before this ISO 8601 time', isoTime)
    .option('--sample <number>', 'show only one in this many records', wholeNumber(1), 1)
    .option('--limit <records>', 'stop after so many', wholeNumber(1))
    .addOption(formOption('--key-as <form>', 'keys'))
    .addOption(formOption('--value-as <form>', 'values'))
    .addOption(
      new Option('--worker <url>', 'what this worker shows, which needs no way to the brokers; its token: OPS_TOKEN')
        .argParser(workerUrl)
        .conflicts([
          'module',
          'from',
          'toEnd',
          'partition',
          'since',
          'until',
          'keyAs',
          'valueAs',
          'redactBy',
          'showSecrets',
        ]),
    )
    .option('--json', 'print a line of JSON for each record')
  withRedaction(command)
  withExamples(
    command,
    'millrace tap orders --bootstrap kafka:9092',
    'millrace tap orders --from PT10M --text "status\\":500" --limit 20 --json',
    'millrace tap orders --worker http://localhost:9464 --sample 100',
    'millrace tap counts --module ./dist/topology.js --from earliest --to-end',
  )
  cli.action<TapCommandOptions>(command, (options, name = '') =>
    options.worker === undefined ? run(cli, options, name) : runOn(cli, options, options.worker, name),
  )
}

function workerUrl(text: string): string {
  return urls(text)[0] ?? text
}

/** Shows what a worker taps. */
async function runOn(cli: Cli, options: TapCommandOptions, url: string, name: string): Promise<0 | 1> {
  const stopped = new AbortController()
  void cli.host.stop.then(() => stopped.abort())
  const shown = await tapWorker({
    ...options,
    url,
    token: cli.settings(options).ops.token,
    name,
    limit: options.limit ?? Number.POSITIVE_INFINITY,
    redact: options.redact ?? [],
    show: (record) => cli.print(options.json === true ? textOf(record) : textLine(record)),
    dropped: (records) =>
      cli.warn(`${counted(records, 'record')} left out: the worker does not wait for a slow reader`),
    signal: stopped.signal,
  })
  cli.warn(`${counted(shown, 'record')} shown`)
  return shown > 0 ? 0 : 1
}

function formOption(flags: string, what: string): Option {
  return new Option(flags, `how ${what} are shown; default: the serde of --module, or auto`).choices([
    ...decodings,
    'avro',
  ])
}

async function run(cli: Cli, options: TapCommandOptions, name: string): Promise<0 | 1> {
  const application = options.module === undefined ? undefined : await cli.worker(options.module, options)
  const redaction = await redactionOf(cli, options, application?.redaction)
  const kafka = cli.kafka(options)
  const admin = kafka.admin()
  const { topics, serdes } = await tapTarget(name, application, admin)
  const key = decoderOf(cli, options, options.keyAs, serdes?.key)
  const value = decoderOf(cli, options, options.valueAs, serdes?.value)
  const reader = new RecordReader(kafka, await rangesOf(admin, topics, options))
  void cli.host.stop.then(() => reader.stop())
  try {
    const counts = await tap({
      reader,
      key,
      value,
      redaction,
      filter: options,
      sample: options.sample,
      limit: options.limit ?? Number.POSITIVE_INFINITY,
      show: (record) => cli.print(options.json === true ? textOf(record) : textLine(record)),
    })
    cli.warn(countsText(counts))
    return counts.shown > 0 ? 0 : 1
  } finally {
    await reader.close()
    await key.close()
    await value.close()
  }
}

function decoderOf(
  cli: Cli,
  options: TapCommandOptions,
  form: Decoding | 'avro' | undefined,
  serde: Serde<unknown> | undefined,
): PartDecoder {
  if (form === 'avro') return avroDecoder(cli.settings(options).schemaRegistry)
  if (form === undefined && serde !== undefined) return serdeDecoder(serde)
  return plainDecoder(form ?? 'auto')
}

async function rangesOf(
  admin: Admin,
  topics: readonly string[],
  { from, toEnd, partition }: TapCommandOptions,
): Promise<readonly RecordRange[]> {
  const place = typeof from === 'object' && 'agoMs' in from ? { timestampMs: systemClock.nowMs() - from.agoMs } : from
  const symbolic = typeof place === 'number' ? 'earliest' : place
  const ranges = (await Promise.all(topics.map((topic) => rangesFrom(admin, topic, symbolic)))).flat()
  return ranges
    .filter((range) => partition === undefined || partition.includes(String(range.partition)))
    .map((range) => ({
      ...range,
      offset: typeof place === 'number' ? Math.max(place, Number(range.offset)) : range.offset,
      end: toEnd === true ? range.end : undefined,
    }))
}

function textLine({ topic, partition, offset, timestamp, key, value, headers }: TappedRecord): string {
  const time = timestamp < 0 ? '-' : new Date(timestamp).toISOString()
  const marks = Object.entries(headers).map(([name, header]) => ` ${name}=${textOf(header)}`)
  return `${time} ${topic}-${partition}@${offset} ${textOf(key)}: ${textOf(value)}${marks.length > 0 ? ` [${marks.join('').trim()}]` : ''}`
}

/** What a tap did not show, and why, so that nobody takes silence for an empty topic. */
function countsText({ read, shown, unwanted, sampledOut }: TapCounts): string {
  const left = [
    ...(unwanted > 0 ? [`${unwanted} did not match`] : []),
    ...(sampledOut > 0 ? [`${sampledOut} were left out by --sample`] : []),
  ]
  return `${shown} of ${read} records shown${left.length > 0 ? `: ${left.join(', ')}` : ''}`
}
