import { type Account, addsUp } from './account.ts'

/** The account of all topics as lines, and whether everything adds up. */
export function report(accounts: readonly Account[]): { readonly lines: readonly string[]; readonly ok: boolean } {
  const header = ['topic', 'input', 'delivered', 'duplicates dropped', 'dead letters', 'joined', 'missing', 'both']
  const rows = accounts.map((one) => [
    one.topic,
    ...[
      one.input,
      one.delivered,
      one.duplicatesDropped,
      one.deadLetters,
      one.joined,
      one.missing.length,
      one.contradicting.length,
    ].map(String),
  ])
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
  const twice = accounts.reduce((sum, one) => sum + one.deliveredTwice, 0)
  const lettersTwice = accounts.reduce((sum, one) => sum + one.deadLettersTwice, 0)
  const examples = accounts
    .flatMap((one) => one.missing.slice(0, 5))
    .map((record) => `missing: ${JSON.stringify(record)}`)
  return {
    ok: accounts.every(addsUp),
    lines: [
      line(header),
      ...rows.map(line),
      '',
      `delivered twice: ${twice} events under a second document id (a record is read again after a crash; the same record`,
      '  always has the same id, so only a repetition that came while its first delivery was not committed can be one)',
      `dead letters written again: ${lettersTwice} (allowed: a crash between the letter and the commit of its offset)`,
      ...examples,
    ],
  }
}
