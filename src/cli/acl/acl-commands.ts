import type { ApplicationAcl } from './application-acls.ts'

/** The lines of a shell script that gives `principal` these rights with kafka-acls. */
export function aclCommands(
  acls: readonly ApplicationAcl[],
  { principal, bootstrap }: { readonly principal: string; readonly bootstrap: string },
): readonly string[] {
  return acls.map(({ resource, name, pattern, operations }) =>
    [
      `kafka-acls --bootstrap-server ${quoted(bootstrap)} --add --allow-principal ${quoted(principal)}`,
      ...operations.map((operation) => `--operation ${operation}`),
      `--${resource} ${quoted(name)} --resource-pattern-type ${pattern}`,
    ].join(' '),
  )
}

function quoted(text: string): string {
  return /^[\w.,:@%+=/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
