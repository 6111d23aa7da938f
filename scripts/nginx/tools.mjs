// @ts-check
import { existsSync } from 'node:fs'
import { findOnPath } from '../lab/java.mjs'

const systemProgram = '/usr/sbin/nginx'

/** Why nginx cannot run here; undefined when it can. */
export function nginxUnavailable() {
  return findOnPath('nginx') || existsSync(systemProgram) ? undefined : 'nginx was not found: install nginx-light'
}

export const nginxProgram = () => findOnPath('nginx') ?? systemProgram
