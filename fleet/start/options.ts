import { Command, type CommanderError, InvalidArgumentError } from 'commander'

export interface StartOptions {
  /** undefined: the embedded default. */
  readonly kafka: string | undefined
  readonly elasticsearch: string | undefined
  readonly splunkHec: string | undefined
  readonly schemaRegistry: string | undefined
  readonly output: string
  readonly rate: number
  readonly seed: number
  /** undefined: until a signal. */
  readonly durationSeconds: number | undefined
  readonly logs: 'generated' | 'none'
}

/** Asked for help, or a wrong option: what to print is printed already. */
export interface StartRefusal {
  readonly exitCode: number
}

/** Reads the command line. A wrong option prints one line on standard error. */
export function readStartOptions(args: readonly string[]): StartOptions | StartRefusal {
  const command = new Command('npm start --')
    .description('Runs the whole log fleet: embedded with generated logs, or on real servers.')
    .option('--kafka <host:port>', 'bootstrap servers of a real Kafka, separated by commas', servers)
    .option('--elasticsearch <url>', 'write documents to Elasticsearch or OpenSearch too', url)
    .option('--splunk-hec <url>', 'write events to a Splunk HTTP event collector too; its token: SPLUNK_HEC_TOKEN', url)
    .option('--schema-registry <url>', 'read Avro logs by this registry', url)
    .option('--output <folder>', 'where files go: one per index, and one for HEC', '.millrace/output')
    .option('--rate <records/s>', 'generated logs per second', whole(1), 500)
    .option('--seed <number>', 'seed of the generated logs', whole(0), 1)
    .option('--duration <seconds>', 'stop after this time', whole(1))
    .option('--no-generate', 'do not generate logs; read what others write')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(text.replace(/^error: /, 'millrace: ')) })
  try {
    command.parse([...args], { from: 'user' })
  } catch (error) {
    if (!(error as Partial<CommanderError>).code?.startsWith('commander.')) throw error
    return { exitCode: (error as CommanderError).exitCode === 0 ? 0 : 2 }
  }
  const given = command.opts<Record<string, string | number | boolean | undefined>>()
  return Object.freeze({
    kafka: given.kafka as string | undefined,
    elasticsearch: given.elasticsearch as string | undefined,
    splunkHec: given.splunkHec as string | undefined,
    schemaRegistry: given.schemaRegistry as string | undefined,
    output: String(given.output),
    rate: Number(given.rate),
    seed: Number(given.seed),
    durationSeconds: given.duration as number | undefined,
    logs: given.generate === false ? 'none' : 'generated',
  })
}

function servers(text: string): string {
  if (/^[^\s,:]+:\d{1,5}(,[^\s,:]+:\d{1,5})*$/.test(text)) return text
  throw new InvalidArgumentError('It must be host:port, several separated by commas.')
}

function url(text: string): string {
  if (URL.canParse(text) && /^https?:/.test(text)) return text
  throw new InvalidArgumentError('It must be an http or https URL.')
}

function whole(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (Number.isSafeInteger(value) && value >= least) return value
    throw new InvalidArgumentError(`It must be a whole number, at least ${least}.`)
  }
}
