/** A form that a reader has to read twice, and a better one. Removed from pages and comments, it must not come back. */
export interface ClippedForm {
  readonly form: RegExp
  readonly better: string
}

export const clippedForms: readonly ClippedForm[] = [
  { form: /\b(is|are|was|were|be|been) told\b/, better: 'is reported, is emitted, is logged' },
  { form: /\b(stands?|stood) (in|at|for|on|beside|behind|still)\b/, better: 'is in, is listed in' },
  { form: /\b(go|goes|going|went) on\b(?! to)/, better: 'continues' },
  { form: /\bat a time\b(?!;)/, better: 'concurrently' },
  {
    form: /\bbeside (processing|it|each|the|a|an|all)\b/,
    better: 'concurrently, in the background',
  },
  { form: /\b(is|are|be|was|were) away\b/, better: 'is unreachable' },
  { form: /\banew\b/, better: 'again' },
  { form: /\bOurs?:|\| ours?:/, better: 'extension:' },
  { form: /\blooked whether\b|\b[Hh]ow often it is looked\b/, better: 'how often to check for' },
  { form: /\blets? go of\b|\blet go\b/, better: 'released' },
  { form: /\bunder way\b/, better: 'current, in flight' },
  { form: /\bfor ever\b/, better: 'without end' },
  { form: /\bonce an? (task|commit|interval|record|key|node)\b/, better: 'once per' },
  { form: /\bone an? (task|index|process|kind|platform|store|day)\b/, better: 'one per' },
  { form: /\b(instances?|batches|records?|writes?|commits?) a (task|partition|round|second)\b/, better: 'per' },
  { form: /\b(executables?|processes|Mi?B) an? (kind|process|worker)\b/, better: 'per' },
  { form: /\b(told|tells) (at once|apart|otherwise)\b/, better: 'reported together, distinguished, otherwise' },
  { form: /\bmay not be (read|written)\b/, better: 'the client has no right to read or write' },
  { form: /\bsomething else than\b/, better: 'something other than' },
  { form: /\bwhen it (lasts|comes (back|often))\b/, better: 'if it lasts, if it repeats' },
  { form: /\b(a|of its|an? \w+) own defaults\b|\bno own\b/, better: 'no separate' },
  { form: /\bcomes? round\b/, better: 'completes a round' },
  { form: /\bdial(led|ling)\b/, better: 'connected to' },
  { form: /\bbe it\b/, better: 'possibly' },
  { form: /\bthe other way round than\b/, better: 'the opposite of' },
  { form: /\bWhat (is missing|is late|is paused|is not) stands\b/, better: 'name the subject' },
  { form: /\bsays nothing\.|\bwhat is told\b/, better: 'writes nothing' },
  { form: /\bin its turn\b/, better: 'too' },
  { form: /\bnot believed\b/, better: 'not accepted' },
  { form: /\b(not|nor) heeded\b|\bis heeded\b/, better: 'is followed' },
  {
    form: /(?<![\w@.])(\w*(initial|serial|material|normal|special)is(e|es|ed|ing|ation)|optimis\w+|recognis\w+|organis\w+|colours?|behaviours?|catalogues?)\b/i,
    better: 'American spelling',
  },
]
