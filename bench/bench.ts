import { spawn } from 'node:child_process'
import { join } from 'node:path'

/** A program of this folder, in a process of its own so that it gets the engine flags that it needs. */
interface Scenario {
  readonly about: string
  readonly nodeOptions: readonly string[]
}

const noCollection = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256']

const scenarios: Readonly<Record<string, Scenario>> = {
  abort: { about: 'how long an aborted transaction stops a thread with so many rows [rows] [aborts]', nodeOptions: [] },
  'alert-keys': { about: 'memory and time of 10,000 alerts that fire [keys]', nodeOptions: ['--expose-gc'] },
  'alert-looks': { about: 'time of a log in the evaluation of a rule, by measure [rounds]', nodeOptions: noCollection },
  'avro-views': {
    about: 'time of an Avro log, decoded whole or read as a view where it stands [rounds]',
    nodeOptions: [],
  },
  compare: {
    about: 'what is worse in a saved run than in an earlier one, of the raw program [bench, or two files] [--fail]',
    nodeOptions: [],
  },
  console: {
    about: 'the page of the console in Chromium under load: keys, frames, memory [--rate n] [--seconds n]',
    nodeOptions: [],
  },
  detect: {
    about:
      'detectors, models of vectors and predictions on known incidents, NAB and SKAB where a folder has them, and their cost [--data folder]',
    nodeOptions: [],
  },
  failover: {
    about:
      'pauses while instances join, leave, are killed and restarted, beside Kafka Streams [--scenes a,b] [--rounds n]',
    nodeOptions: [],
  },
  features: {
    about: 'time of a log in the features of its service, error of quantiles, bytes of a key',
    nodeOptions: [],
  },
  fleet: {
    about:
      'the application worker over a real broker, and a raw program beside it [--records n] [--rounds n] [--profile]',
    nodeOptions: [],
  },
  'fleet-records': {
    about: 'time and bytes of a log from input to documents, without stores and disks [rounds]',
    nodeOptions: noCollection,
  },
  gathering: { about: 'time to gather a log for the alert rules of the fleet [rounds]', nodeOptions: noCollection },
  operators: { about: 'time and bytes a record of each operator [name]', nodeOptions: noCollection },
  parse: {
    about: 'time of a record through each preset, each step, redaction and documents [name] [--quick]',
    nodeOptions: [],
  },
  latency: {
    about:
      'how long a record takes through job A of peers, at least and exactly once, and through the fleet [--scenes a,b] [--rates a,b]',
    nodeOptions: [],
  },
  'log-parsers': {
    about: 'our pipelines, rsyslog, Benthos and VRL on the same lines [--lines n] [--build]',
    nodeOptions: [],
  },
  memory: {
    about: 'resident memory of a process that reads a backlog [--backlog-megabytes n] [--jobs A,B,E] [--save]',
    nodeOptions: [],
  },
  peers: {
    about:
      'whole jobs over a real broker: millrace, a raw program, Kafka Streams for Java, other clients [--jobs A,B,C,D,E] [--logs n] [--rounds n] [--only a,b] [--save] [--profile]',
    nodeOptions: [],
  },
  restore: {
    about:
      'records a second and memory of a restore, ours and that of Java [--records n] [--tasks n] [--orders a,b] [--rounds n] [--rivals a,b] [--profile]',
    nodeOptions: [],
  },
  scale: {
    about:
      'cost by threads, keys, partitions and record size, and a forecast for 50 instances [--records n] [--rounds n] [--save]',
    nodeOptions: [],
  },
  sigma: {
    about:
      'false alerts in harmless lines, rules of SigmaHQ that compile and fire, and time of an event [--data folder] [--benign lines]',
    nodeOptions: [],
  },
  sinks: { about: 'time, bytes and flush of a document through each sink [name]', nodeOptions: noCollection },
  state: {
    about: 'one LMDB store with many keys: reads, pause of a commit, restart, file [--keys n] [--rounds n] [--save]',
    nodeOptions: [],
  },
  stores: { about: 'time of each store operation [keys]', nodeOptions: [] },
  views: { about: 'time of a JSON log read whole and as a view, and written back [rounds]', nodeOptions: [] },
  wire: { about: 'raw rates of the wire driver over a real broker [records] [rounds]', nodeOptions: [] },
  tail: {
    about:
      'clients of a live tail on a real broker, and how fast a filter scans [--clients n] [--rate n] [--seconds n]',
    nodeOptions: [],
  },
  templates: {
    about: 'how well templates group the lines of LogHub, time of a line, unusual sessions of HDFS [--data folder]',
    nodeOptions: [],
  },
  threads: { about: 'one thread and more, of both kinds, on the same records [records] [threads]', nodeOptions: [] },
  tracing: { about: 'time of a record with tracing off and on [rounds]', nodeOptions: [] },
  fold: { about: 'a .cpuprofile as a table of self time [file] [rows]', nodeOptions: [] },
}

const [name = '', ...options] = process.argv.slice(2)
const scenario = Object.hasOwn(scenarios, name) ? scenarios[name] : undefined
if (scenario === undefined) {
  console.error(`npm run bench -- NAME [options]\n`)
  for (const [known, { about }] of Object.entries(scenarios)) console.error(`  ${known.padEnd(14)} ${about}`)
  process.exit(name === '' || name === '--help' ? 0 : 2)
}

const program = join(import.meta.dirname, `${name}.js`)
const child = spawn(process.execPath, ['--enable-source-maps', ...scenario.nodeOptions, program, ...options], {
  stdio: 'inherit',
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
child.once('exit', (code) => process.exit(code ?? 1))
