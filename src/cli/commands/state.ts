import type { Command } from 'commander'
import type { Cli, CommonOptions } from '../cli.ts'
import { isoTime, urls, wholeNumber, withCommonOptions, withExamples } from '../common-options.ts'
import { textOf } from '../records/record-line.ts'
import { type HidingOptions, redactionOf, withRedaction } from '../records/record-options.ts'
import type { Redaction } from '../records/redaction.ts'
import type { StateQuestion, StateRow } from '../state/ask-worker.ts'
import { type FoundRows, lookUpAll, lookUpKey } from '../state/look-up.ts'
import { StorePlace } from '../state/store-place.ts'
import { textTable } from '../text-table.ts'

interface StateOptions extends CommonOptions, HidingOptions {
  readonly module: string
  readonly worker?: readonly string[]
  readonly limit?: number
}

interface RangeOptions extends StateOptions {
  readonly fromKey?: string
  readonly toKey?: string
}

interface WindowOptions extends StateOptions {
  readonly from?: number
  readonly to?: number
}

/** `millrace state get|range|window|session STORE`: rows of a running application, from the process that has them. */
export function addState(program: Command, cli: Cli): void {
  const state = program
    .command('state')
    .description('Reads rows of the stores of a running application, from the process that has them.')
  addGet(state, cli)
  addRange(state, cli)
  addWindow(state, cli)
  addSession(state, cli)
}

function addGet(state: Command, cli: Cli): void {
  const command = withStateOptions(state.command('get <store> <key>'), 'Shows the row of a key.')
  withExamples(command, 'millrace state get counts / --module ./dist/topology.js --bootstrap kafka:9092')
  cli.action<StateOptions>(command, (options, store = '', key = '') =>
    answer(cli, options, store, 'get', key, () => ({})),
  )
}

function addRange(state: Command, cli: Cli): void {
  const command = withStateOptions(state.command('range <store>'), 'Shows rows of a key-value store, by key.')
    .option('--from-key <key>', 'from this key on')
    .option('--to-key <key>', 'up to this key')
    .option('--limit <rows>', 'at most so many from each process', wholeNumber(1), 100)
  withExamples(command, 'millrace state range counts --from-key a --to-key b --module ./dist/topology.js')
  cli.action<RangeOptions>(command, (options, store = '') => {
    const { fromKey, toKey, limit } = options
    return answer(cli, options, store, 'range', undefined, (place) => {
      const json = (key: string | undefined) => (key === undefined ? undefined : place.keyJson(key))
      return { from: json(fromKey), to: json(toKey), limit }
    })
  })
}

function addWindow(state: Command, cli: Cli): void {
  const command = withStateOptions(state.command('window <store> [key]'), 'Shows windows of a key, or of all keys.')
    .option('--from <time>', 'windows that start at this ISO 8601 time and later', isoTime)
    .option('--to <time>', 'windows that start up to this ISO 8601 time', isoTime)
    .option('--limit <rows>', 'at most so many from each process', wholeNumber(1), 100)
  withExamples(command, 'millrace state window per-minute / --from 2026-11-01T00:00:00Z --module ./dist/topology.js')
  cli.action<WindowOptions>(command, (options, store = '', key) => {
    const { from, to, limit } = options
    return answer(cli, options, store, 'window', key, () => ({ fromMs: from, toMs: to, limit }))
  })
}

function addSession(state: Command, cli: Cli): void {
  const command = withStateOptions(
    state.command('session <store> [key]'),
    'Shows sessions of a key, or of all keys.',
  ).option('--limit <rows>', 'at most so many from each process', wholeNumber(1), 100)
  withExamples(command, 'millrace state session visits ann --module ./dist/topology.js')
  cli.action<StateOptions>(command, (options, store = '', key) => {
    return answer(cli, options, store, 'session', key, () => ({ limit: options.limit }))
  })
}

function withStateOptions(command: Command, description: string): Command {
  return withRedaction(withCommonOptions(command))
    .description(`${description} Exit code 1: there is none. The token of the workers comes from OPS_TOKEN.`)
    .requiredOption('--module <file>', 'the topology of the application')
    .option('--worker <url>', 'ask this worker, in place of those that the group names; may be repeated', urls)
}

async function answer(
  cli: Cli,
  options: StateOptions,
  store: string,
  kind: StateQuestion['kind'],
  keyText: string | undefined,
  parameters: (place: StorePlace) => StateQuestion['parameters'],
): Promise<0 | 1> {
  const worker = await cli.worker(options.module, options)
  const place = new StorePlace(worker, store)
  const kafka = cli.kafka(options)
  const parts = { kafka, worker, place, urls: options.worker }
  const key = keyText === undefined ? undefined : await place.keyPlace(keyText, kafka.admin())
  const question = { store, kind, parameters: { ...parameters(place), key: key?.json } }
  const found = key === undefined ? await lookUpAll(parts, question) : await lookUpKey(parts, key.partition, question)
  show(cli, { options, redaction: await redactionOf(cli, options) }, { store, partition: key?.partition, found })
  return found.some(({ rows }) => rows.length > 0) ? 0 : 1
}

function show(
  cli: Cli,
  { options, redaction }: { options: StateOptions; redaction: Redaction },
  { store, partition, found }: { store: string; partition: number | undefined; found: readonly FoundRows[] },
): void {
  const rows = found.flatMap(({ worker, rows: ofWorker }) =>
    ofWorker.map((row): StateRow & { readonly worker: string } => ({
      ...row,
      key: redaction.of(row.key),
      value: redaction.of(row.value),
      worker,
    })),
  )
  if (options.json === true) return cli.printJson({ store, partition, rows })
  if (rows.length === 0) return cli.print('no rows')
  const isWindowed = rows.some(({ window }) => window !== undefined)
  const cells = rows.map(({ key, value, window, worker }) => [
    textOf(key),
    ...(isWindowed ? [timeOf(window?.startMs), timeOf(window?.endMs)] : []),
    textOf(value),
    worker,
  ])
  cli.print(textTable(['key', ...(isWindowed ? ['from', 'to'] : []), 'value', 'worker'], cells))
}

function timeOf(timeMs: number | undefined): string | undefined {
  return timeMs === undefined ? undefined : new Date(timeMs).toISOString()
}
