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
  peers: { about: 'our pipelines, rsyslog, Benthos and VRL on the same lines [--lines n] [--build]', nodeOptions: [] },
  restore: {
    about: 'records a second and memory of a restore [--records n] [--tasks n] [--orders a,b] [--rounds n] [--profile]',
    nodeOptions: [],
  },
  sinks: { about: 'time, bytes and flush of a document through each sink [name]', nodeOptions: noCollection },
  stores: { about: 'time of each store operation [keys]', nodeOptions: [] },
  wire: { about: 'raw rates of the wire driver over a real broker [records] [rounds]', nodeOptions: [] },
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
