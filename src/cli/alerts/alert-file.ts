import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { errorMessage, MillraceError } from '../../core/errors.ts'
import { loadNotices, loadRules, type NoticePlan, type RulePlan } from '../../alerts/index.ts'
import type { Cli } from '../cli.ts'

/** Reads a file that an argument names. Rejects with ALERTS_UNREADABLE. */
export async function readAlertFile(cli: Cli, file: string): Promise<string> {
  try {
    return await readFile(resolve(cli.host.directory, file), 'utf8')
  } catch (cause) {
    const message = `${file} cannot be read (${errorMessage(cause)}): name a file that exists`
    throw new MillraceError('ALERTS_UNREADABLE', 'fatal', message, { cause })
  }
}

/** Rejects with ALERTS_UNREADABLE, and with INVALID_ALERT_RULE for a file with mistakes. */
export async function readRules(cli: Cli, file: string): Promise<readonly RulePlan[]> {
  return loadRules(await readAlertFile(cli, file), file)
}

/** Rejects with ALERTS_UNREADABLE, and with INVALID_NOTICES for a file with mistakes. */
export async function readNotices(cli: Cli, file: string): Promise<NoticePlan> {
  return loadNotices(await readAlertFile(cli, file), file)
}
