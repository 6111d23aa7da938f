import { before, created, type ExampleChanges } from './edit.ts'

/** Rows about what pipelines make of records. */
export const pipelineChanges: ExampleChanges = {
  'a format of logs': [
    before(
      'src/pipelines/presets/text/families/java.ts',
      "  { name: 'idea'",
      "  { name: 'etcd-bar', pattern: r` %{LEVEL:level} \\| (?<message>.*)` },\n",
    ),
    before(
      'src/pipelines/presets/json/loggers.ts',
      "  { name: 'bunyan'",
      "  { name: 'etcd-json', marks: ['etcd', 'text'], message: 'text' },\n",
    ),
  ],
  'a kind of step': [
    created(
      'src/pipelines/steps/count-words.ts',
      `import type { Step, StepKind } from '../step.ts'

export const countWords: StepKind<object> = {
  name: 'countWords',
  schema: { type: 'object', additionalProperties: false },
  compile: (): Step => ({
    name: 'countWords',
    apply(event) {
      event.fields.words = event.original.split(' ').length
      return 'next'
    },
  }),
}
`,
    ),
    before('src/pipelines/steps/step-kinds.ts', 'import { date }', "import { countWords } from './count-words.ts'\n"),
    before('src/pipelines/steps/step-kinds.ts', '  date,', '  countWords,\n'),
    before('bench/parsing/step-cases.ts', '  csv:', '  countWords: [{ options: {}, from: log }],\n'),
  ],
  'a shape of documents': [
    created(
      'src/pipelines/documents/short-document.ts',
      `import { type Fields, newFields } from '../field-value.ts'

export function shortDocument({ message = '' }: Fields): Fields {
  return Object.assign(newFields(), { message })
}
`,
    ),
    {
      file: 'src/pipelines/documents/document-shape.ts',
      find: "'ecs', 'otel'] as const",
      put: "'ecs', 'otel', 'short'] as const",
    },
    before(
      'src/pipelines/documents/document-shape.ts',
      '\n/** In whose names',
      "import { shortDocument } from './short-document.ts'\n",
    ),
    before('src/pipelines/documents/document-shape.ts', '  otel: otelDocument,', '  short: shortDocument,\n'),
    before('fleet/shape-mappings.ts', '  otel: otelMappings,', '  short: shape({ message: fullText }),\n'),
  ],
  'a rule of redaction': [
    before(
      'src/pipelines/redaction/rules.ts',
      "    { name: 'email', detector: 'email' },",
      "    { name: 'customer', names: ['customer number'] },\n",
    ),
  ],
  'a detector of redaction': [
    created(
      'src/pipelines/redaction/detectors/order.ts',
      `import type { Detector } from './detector.ts'

/** \`order-7\` */
export const order: Detector = {
  signs: ['order-#'],
  find(text, at, from, span) {
    span.start = Math.max(from, at - 'order-'.length)
    span.end = at + 1
    return text.charCodeAt(span.end) === 0x20
  },
}
`,
    ),
    before(
      'src/pipelines/redaction/text-scanner.ts',
      'import { token }',
      "import { order } from './detectors/order.ts'\n",
    ),
    before('src/pipelines/redaction/text-scanner.ts', '  token,\n', '  order,\n'),
    {
      file: 'src/pipelines/redaction/rules.ts',
      find: "'phone', 'ip'] as const",
      put: "'phone', 'ip', 'order'] as const",
    },
  ],
  'a pattern of failed logins': [
    before(
      'src/pipelines/logins/login-patterns.ts',
      '  // sshd. A name may hold',
      '  { expression: /\\bdoor stays closed for\\b/ },\n',
    ),
    { file: 'src/pipelines/logins/login-signs.ts', find: "  'fail|", put: "  'stays closed|fail|" },
  ],
}
