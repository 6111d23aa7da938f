import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { addDlqList } from '../dlq/commands/list.ts'
import { addDlqReplay } from '../dlq/commands/replay.ts'
import { addDlqResolve } from '../dlq/commands/resolve.ts'
import { addDlqShow } from '../dlq/commands/show.ts'

/** `millrace dlq list|show|replay|resolve`: dead letters, and their way back. */
export function addDlq(program: Command, cli: Cli): void {
  const dlq = program.command('dlq').description('Lists dead letters, shows one, sends them again, marks them as done.')
  addDlqList(dlq, cli)
  addDlqShow(dlq, cli)
  addDlqReplay(dlq, cli)
  addDlqResolve(dlq, cli)
}
