import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { commandLine } from '../../support/command-line.ts'

const workerFile = join(import.meta.dirname, '../../../workers/application.ts')
const directory = mkdtempSync(join(tmpdir(), 'millrace-pipeline-'))
afterAll(() => rmSync(directory, { recursive: true }))

const file = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text)
  return name
}
const orders = file(
  'orders.yaml',
  `name: orders
steps:
  - drop: {}
    when: message contains 'health'
  - mutate: { set: { team: payments } }
examples:
  - name: sets the team
    input: '{"level":"warn","message":"slow"}'
    expect: { level: warn, team: payments }
  - name: drops health checks
    input: health check
    expect: null
`,
)

describe('millrace pipeline test', () => {
  test('runs the examples of a file', async () => {
    const { exitCode, out } = await commandLine({ directory }).run('pipeline', 'test', orders)
    expect([exitCode, out]).toEqual([0, 'orders.yaml: ok: sets the team\norders.yaml: ok: drops health checks\n'])
  })

  test('shows what came out otherwise, and ends with 1', async () => {
    const wrong = file(
      'wrong.yaml',
      `name: wrong\nexamples:\n  - { input: '{"level":"warn","message":"slow"}', expect: { level: error } }\n`,
    )
    const { exitCode, out } = await commandLine({ directory }).run('pipeline', 'test', wrong)
    expect(exitCode).toBe(1)
    expect(out).toContain('level: "error" expected, "warn" found')
  })

  test('reports the mistakes of a file with their lines', async () => {
    const broken = file('broken.yaml', 'name: broken\nsteps:\n  - drp: {}\n  - sample: {}\n')
    const { exitCode, errors } = await commandLine({ directory }).run('pipeline', 'test', broken)
    expect(exitCode).toBe(2)
    expect(errors).toContain('broken.yaml:3: steps.0.drp: drp is not an option: did you mean drop?')
    expect(errors).toContain('broken.yaml:4: steps.1.sample: needs oneIn')
  })

  test('names a file that cannot be read', async () => {
    const { exitCode, errors } = await commandLine({ directory }).run('pipeline', 'test', 'no.yaml')
    expect([exitCode, errors]).toEqual([2, expect.stringContaining('no.yaml cannot be read')])
  })
})

describe('millrace pipeline try', () => {
  test('prints the document of each line', async () => {
    const line = '2026-11-24 07:59:59,000 WARN [main] shop.Cart: slow'
    const { out } = await commandLine({ input: line }).run('pipeline', 'try')
    expect(JSON.parse(out)).toMatchObject({ level: 'warn', component: 'shop.Cart', message: 'slow' })
  })

  test('prints what each step did', async () => {
    const input = '{"level":"info","message":"in"}\nhealth'
    const { out } = await commandLine({ directory, input }).run('pipeline', 'try', orders, '--steps')
    expect(out).toMatch(/^ {2}mutate: \{.*"team":"payments"/)
    expect(out.trimEnd()).toMatch(/removed by drop$/)
  })
})

describe('millrace pipeline try of a pipeline with branches', () => {
  const branching = file(
    'branching.yaml',
    `name: branching
steps:
  - when: level == 'error'
    steps:
      - mutate: { set: { urgent: true } }
    else:
      - drop: {}
        name: harmless
`,
  )
  const input = '{"level":"error","message":"in"}\n{"level":"info","message":"in"}'

  test('prints which way each event takes', async () => {
    const { out } = await commandLine({ directory, input }).run('pipeline', 'try', branching, '--steps')
    expect(out.replaceAll(/\{.*/g, '{…')).toBe(
      "  met: level == 'error'\n  mutate: {…\n{…\n  not met: level == 'error'\n  harmless: {…\nremoved by harmless\n",
    )
  })

  test('has it for machines too', async () => {
    const { out } = await commandLine({ directory, input }).run('pipeline', 'try', branching, '--steps', '--json')
    const [first = '', second = ''] = out.split('\n')
    expect(JSON.parse(first)).toMatchObject({
      steps: [{ branch: "level == 'error'", isMet: true }, { step: 'mutate' }],
    })
    expect(JSON.parse(second)).toMatchObject({
      steps: [{ isMet: false }, { step: 'harmless' }],
      removedBy: ['harmless'],
    })
  })
})

describe('the form of pipeline commands for machines', () => {
  test('of test has the examples of each file', async () => {
    const { out } = await commandLine({ directory }).run('pipeline', 'test', orders, '--json')
    expect(JSON.parse(out)).toMatchObject({ files: [{ file: orders, results: [{ differences: [] }, {}] }] })
  })

  test('of try is a line for each record, with its documents and steps', async () => {
    const input = '{"level":"info","message":"in","id":12345678901234567890}\nhealth'
    const { out } = await commandLine({ directory, input }).run('pipeline', 'try', orders, '--steps', '--json')
    const [first = '', second = ''] = out.split('\n')
    expect(first).toContain('"id":12345678901234567890')
    expect(JSON.parse(first)).toMatchObject({ documents: [{ team: 'payments' }], steps: [{ step: 'mutate' }] })
    expect(JSON.parse(second)).toMatchObject({ documents: [], removedBy: ['drop'] })
  })

  test('of import names what is not converted in the same document', async () => {
    const conf = file('ruby.conf', 'filter {\n  ruby { code => "x" }\n}\n')
    const { out } = await commandLine({ directory }).run('pipeline', 'import', 'logstash', conf, '--json')
    expect(JSON.parse(out)).toMatchObject({ pipeline: expect.any(String), notConverted: [{ line: 2 }] })
  })
})

describe('the redaction of a pipeline file', () => {
  const redacting = file(
    'redacting.yaml',
    `name: redacting
redaction:
  rules:
    - { name: customer, names: [customer number], action: hash }
    - { name: note, fields: [user.note], action: drop }
steps:
  - mutate: { copy: { customerNumber: copied } }
examples:
  - name: hides
    input: '{"level":"warn","message":"slow for a@example.com","user":{"note":"likes tea"}}'
    expect: { message: 'slow for [redacted:email]', user.note: null }
`,
  )
  const key = { REDACTION_HASH_KEY: 'a key' }

  test('holds in examples', async () => {
    const { exitCode, out } = await commandLine({ directory, environment: key }).run('pipeline', 'test', redacting)
    expect([exitCode, out]).toEqual([0, 'redacting.yaml: ok: hides\n'])
  })

  test('holds in documents, and in what the steps show', async () => {
    const input = '{"level":"warn","message":"a password=tr0ub4dor","customerNumber":"C-4711"}'
    const { out } = await commandLine({ directory, environment: key, input }).run(
      'pipeline',
      'try',
      redacting,
      '--steps',
    )
    expect(out).toMatch(/"customerNumber":"\[redacted:customer:[0-9a-f]{16}\]"/)
    expect(out).not.toContain('tr0ub4dor')
  })

  test('needs its key', async () => {
    const { exitCode, errors } = await commandLine({ directory }).run('pipeline', 'test', redacting)
    expect([exitCode, errors]).toEqual([
      2,
      expect.stringContaining('the redaction rule customer hashes, and there is no key: set REDACTION_HASH_KEY'),
    ])
  })
})

test('millrace pipeline test names the mistakes of all its files', async () => {
  const files = ['one.yaml', 'two.yaml'].map((name) => file(name, 'name: Big\n'))
  const { exitCode, errors } = await commandLine({ directory }).run('pipeline', 'test', ...files)
  expect([exitCode, errors]).toEqual([2, expect.stringMatching(/two\.yaml:1: name: "Big"[^]*one\.yaml:1: name: "Big"/)])
})

describe('millrace pipeline import', () => {
  test('prints a pipeline and names what is missing from it', async () => {
    const conf = file('my.conf', 'filter {\n  mutate { lowercase => "a" }\n  ruby { code => "x" }\n}\n')
    const { exitCode, out, errors } = await commandLine({ directory }).run('pipeline', 'import', 'logstash', conf)
    expect(exitCode).toBe(1)
    expect(out).toBe(
      '# From a configuration of logstash: my.conf\nname: my\nformat: none\nsteps:\n  - mutate:\n      lowercase:\n        - a\n',
    )
    expect(errors).toContain('my.conf:3: not converted: the plugin ruby')
  })

  test('names the programs that it knows', async () => {
    const { exitCode, errors } = await commandLine({ directory }).run('pipeline', 'import', 'fluentd', orders)
    expect([exitCode, errors]).toEqual([2, expect.stringContaining('logstash, fluent-bit, vector')])
  })
})

test('millrace describe --sample prints the final documents of a worker of the fleet', async () => {
  const sample = file(
    'sample.log',
    `${new Date().toISOString()} ERROR [main] shop.Cart: card 4111111111111111\n\tat a.B.c(B.java:1)\n`,
  )
  const { exitCode, out } = await commandLine({ directory }).run('describe', workerFile, '--sample', sample)
  expect([exitCode, out.trimEnd().split('\n')]).toEqual([0, [expect.any(String)]])
  const document = JSON.parse(out) as { message: string }
  expect(document).toMatchObject({ level: 'error', component: 'shop.Cart', dataClass: 'restricted', joinedLines: 2 })
  expect(document.message).not.toContain('4111')
})

describe('millrace pipeline schema', () => {
  test('prints the JSON Schema that pipeline files are checked by', async () => {
    const { exitCode, out } = await commandLine({ directory }).run('pipeline', 'schema')
    expect(exitCode).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ title: 'A pipeline of millrace', required: ['name'] })
  })
})
