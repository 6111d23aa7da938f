// @ts-check
import { findOnPath } from './lab/java.mjs'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** The browser of the tests; undefined: there is none. `CHROMIUM` names another one. */
export function chromiumProgram() {
  return process.env.CHROMIUM ?? names.map(findOnPath).find((found) => found !== undefined)
}

/** Why no browser can run here; undefined when one can. */
export function chromiumUnavailable() {
  return chromiumProgram() === undefined
    ? 'Chromium was not found: install chromium, or name it in CHROMIUM'
    : undefined
}
