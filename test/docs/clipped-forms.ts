/** A form that a reader has to read twice, and a better one. */
export interface ClippedForm {
  readonly form: RegExp
  readonly better: string
  /** Removed from the comments of the sources too. */
  readonly inComments: boolean
}

/** Pages that are generated, that are records of the past, or that are still to be read through. */
export const otherPages: ReadonlySet<string> = new Set([
  'CHANGELOG.md',

  'docs/errors.md',
])

export const clippedForms: readonly ClippedForm[] = [
  { form: /\b(is|are|was|were|be|been) told\b/, better: 'is reported, is emitted, is logged', inComments: false },
  { form: /\b(stands?|stood) (in|at|for|on|beside|behind|still)\b/, better: 'is in, is listed in', inComments: false },
  { form: /\b(goes|going|went) on\b/, better: 'continues', inComments: false },
  { form: /\bat a time\b(?!;)/, better: 'concurrently', inComments: false },
  {
    form: /\bbeside (processing|it|each|the|a|an|all)\b/,
    better: 'concurrently, in the background',
    inComments: false,
  },
  { form: /\b(is|are|be|was|were) away\b/, better: 'is unreachable', inComments: false },
  { form: /\banew\b/, better: 'again', inComments: false },
  { form: /\bOurs?:|\| ours?:/, better: 'extension:', inComments: false },
  { form: /\bit is looked\b|\blooked whether\b/, better: 'how often to check for', inComments: false },
  { form: /\blet go\b/, better: 'released', inComments: false },
  { form: /\bfor ever\b/, better: 'without end', inComments: false },
  { form: /\bonce an? (task|commit|interval|record|key|node)\b/, better: 'once per', inComments: false },
  { form: /\bone an? (task|index|process|kind|platform|store|day)\b/, better: 'one per', inComments: false },
  { form: /\b(executables?|processes|Mi?B) an? (kind|process|worker)\b/, better: 'per', inComments: false },
  { form: /\bbe it\b/, better: 'possibly', inComments: false },
  { form: /\bthe other way round than\b/, better: 'the opposite of', inComments: false },
  { form: /\bWhat (is missing|is late|is paused|is not) stands\b/, better: 'name the subject', inComments: false },
  { form: /\bwhat is told\b|\bsays nothing\b/, better: 'writes nothing', inComments: false },
  { form: /\bin its turn\b/, better: 'too', inComments: false },
  { form: /\bnot believed\b/, better: 'not accepted', inComments: false },
  { form: /\b(not|nor) heeded\b|\bis heeded\b/, better: 'is followed', inComments: false },
  {
    form: /(?<![\w@.])(\w*(initial|serial|material|normal|special)is(e|es|ed|ing|ation)|optimis\w+|recognis\w+|organis\w+|colours?|behaviours?|catalogues?)\b/i,
    better: 'American spelling',
    inComments: false,
  },
]
