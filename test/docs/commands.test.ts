import type { Command } from 'commander'
import { describe, expect, test } from '@jest/globals'
import { Cli } from '../../src/cli/cli.ts'
import type { Host } from '../../src/cli/host.ts'
import { createProgram } from '../../src/cli/run-cli.ts'
import { type Page, readPages } from './markdown.ts'

// Nothing runs: the tree of commands does not look at its host.
const program = createProgram(new Cli({} as Host))

/** Calls of the command line in the blocks and code spans of a page, without what a shell reads itself. */
function callsOf({ name, text }: Page): readonly (readonly [string, string])[] {
  let isBlock = false
  return text.split('\n').flatMap((line) => {
    if (line.startsWith('```')) isBlock = !isBlock
    const [, call] = /(?:^|[$|] |-- )(?:npx )?millrace ([a-z-]+(?: \S.*)?)$/.exec(line) ?? []
    const [words] = call?.split(/ [&|#>]/, 1) ?? []
    if (isBlock) return words === undefined ? [] : [[name, words] as const]
    return [...line.matchAll(/`(?:npx )?millrace ([a-z][a-z-]*(?: [^`]+)?)`/g)].map(
      ([, span = '']) => [name, span] as const,
    )
  })
}

/** The command that the words name, and what is left of them. */
function commandOf(words: readonly string[]): readonly [Command, readonly string[]] {
  let command: Command = program
  let rest = words
  for (;;) {
    const inner = command.commands.find((one) => one.name() === rest[0])
    if (inner === undefined) return [command, rest]
    ;[command, rest] = [inner, rest.slice(1)]
  }
}

const calls = readPages().flatMap(callsOf)

describe('calls of the command line in the pages', () => {
  test('there are some', () => expect(calls.length).toBeGreaterThan(10))

  test.each(calls)('%s: millrace %s is a command with options that it has', (_page, call) => {
    const [command, rest] = commandOf(call.split(' '))
    const known = new Set(['--help', ...command.options.flatMap(({ long }) => (long ? [long] : []))])
    const inner = new Set(command.commands.map((one) => one.name()))
    const isInner = (word: string) => word.split(/\\?[|]/).every((one) => inner.has(one))
    expect(command).not.toBe(program)
    // Only a group has commands inside; a page may name the group itself, or several of its commands at once.
    expect(inner.size === 0 ? [] : rest.filter((word) => !word.startsWith('--') && !isInner(word))).toEqual([])
    expect(rest.filter((word) => word.startsWith('--') && !known.has(word))).toEqual([])
  })
})
