/** `$kubernetes['labels']['app']` is `kubernetes.labels.app`. */
export function path(name: string): string {
  return name.replace(/^\$/, '').replaceAll(/\[['"]?([^\]'"]+)['"]?\]/g, '.$1')
}

/** Conditions of the filter `modify` over a key, and a value or an expression. */
const forms: Readonly<Record<string, (field: string, operand: string) => string>> = {
  key_exists: (field) => `exists(${field})`,
  key_does_not_exist: (field) => `not exists(${field})`,
  key_value_equals: (field, value) => `${field} == ${quoted(value)}`,
  key_value_does_not_equal: (field, value) => `${field} != ${quoted(value)}`,
  key_value_matches: (field, expression) => matches(field, expression),
  key_value_does_not_match: (field, expression) => `not ${matches(field, expression)}`,
}

/** A condition of the filter `modify`, such as `Key_value_equals env prod`; undefined where it has no counterpart. */
export function modifyCondition(written: string): string | undefined {
  const [name = '', field = '', operand = ''] = written.split(/\s+/, 2).concat(written.replace(/^\S+\s+\S+\s*/, ''))
  const form = Object.hasOwn(forms, name.toLowerCase()) ? forms[name.toLowerCase()] : undefined
  return form?.(path(field), operand)
}

export function matches(field: string, expression: string): string {
  return `${field} matches /${expression.replaceAll('/', '\\/')}/`
}

function quoted(value: string): string {
  return `'${value.replaceAll(/[\\']/g, '\\$&')}'`
}
