import type { ErrorRows } from './row.ts'

/** The live tail of logs. */
export const liveTailCodes = Object.freeze({
  LIVE_TAIL_FILTER: {
    when: 'the filter or the start of a request to the live tail cannot be used',
    consequence: 'fatal',
    next: 'the request is answered with 400; nothing else is concerned',
    fix: 'correct the parameter that the message names ([live tail](live-tail.md#filters))',
  },
  LIVE_TAIL_TOPIC: {
    when: 'a topic of the live tail does not exist',
    consequence: 'fatal',
    next: 'the live tail does not start',
    fix: 'create the topic, or name another one; the message names it',
  },
  LIVE_TAIL_TOKEN_MISSING: {
    when: 'the live tail would listen on a host that is not loopback, without a token',
    consequence: 'fatal',
    next: 'the live tail does not start',
    fix: 'set a token, a file of tokens or an issuer of tokens, or listen on 127.0.0.1',
  },
  LIVE_TAIL_PAGES: {
    when: 'the directory of the pages that the live tail serves cannot be read, or is none of a built console',
    consequence: 'fatal',
    next: 'the live tail does not start',
    fix: 'build the console, or name its directory (`pagesDirectory`); the message says what is wrong',
  },
  LIVE_TAIL_TOKENS: {
    when: 'the file of tokens of the live tail cannot be read, or has mistakes',
    consequence: 'fatal',
    next: 'the live tail does not start; where it runs already, the tokens before stay',
    fix: 'correct what the message names ([live tail](live-tail.md#who-may-look))',
  },
  LIVE_TAIL_PORT_IN_USE: {
    when: 'the live tail cannot listen on its host and port',
    consequence: 'fatal',
    next: 'the live tail does not start',
    fix: 'choose another port, or stop the program that has it; the message says why',
  },
} satisfies ErrorRows)
