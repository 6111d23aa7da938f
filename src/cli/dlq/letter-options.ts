import type { Command } from 'commander'
import { MillraceError } from '../../core/errors.ts'
import type { Cli, CommonOptions } from '../cli.ts'
import { isoTime, withCommonOptions } from '../common-options.ts'
import type { LetterFilter } from './letter-filter.ts'

/** The options that every command of dead letters has. */
export interface LetterOptions extends CommonOptions {
  readonly topic?: string
}

/** The common options, and the topic: what each `dlq` command takes. */
export function withLetterOptions(command: Command): Command {
  return withCommonOptions(command).option('--topic <name>', 'topic of the dead letters (DEAD_LETTER_TOPIC)')
}

/** Adds the options that choose letters; `LetterFilter` has their values. */
export function withFilter(command: Command): Command {
  return command
    .option('--error <name>', 'letters of this error: a code of millrace, or a class')
    .option('--node <name>', 'letters of this node of the topology, or of this sink')
    .option('--source <topic>', 'letters of records of this topic')
    .option('--application <id>', 'letters that this application wrote')
    .option('--topology <hash>', 'letters of this version of the topology; the first characters are enough')
    .option('--since <time>', 'records of this ISO 8601 time and later', isoTime)
    .option('--until <time>', 'records before this ISO 8601 time', isoTime)
}

/** Throws ILLEGAL_ARGUMENT where neither an argument nor a setting names the topic. */
export function letterTopicOf(cli: Cli, options: LetterOptions, ofWorker?: string): string {
  const topic = options.topic ?? ofWorker ?? cli.settings(options).deadLetterTopic
  if (topic !== undefined) return topic
  const text = 'the topic of the dead letters is not known: give --topic, or set DEAD_LETTER_TOPIC'
  throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', text)
}

/** Only what filters, so that a plan shows what was asked for. */
export function filterOf(options: LetterFilter): LetterFilter {
  const { id, error, node, source, application, topology, since, until, all } = options
  const given = { id, error, node, source, application, topology, since, until, all }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}
