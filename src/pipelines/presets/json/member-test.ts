import { type FieldPath, fieldAt, fieldPath } from '../../field-path.ts'
import { type Fields, type FieldValue, isFields } from '../../field-value.ts'

/** One mark of a preset: a member of a type, or one of several. */
export interface MemberTest {
  /** The first name of each path: a record without any of them fails. */
  readonly firstNames: readonly string[]
  test(fields: Fields): boolean
}

const types: Readonly<Record<string, (value: FieldValue) => boolean>> = {
  text: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  object: isFields,
  list: Array.isArray,
  any: (value) => value !== null,
}

/** Throws a TypeError for a type that is none. */
export function memberTest(mark: string): MemberTest {
  const members = mark.split('|').map((member) => {
    const [path, type = 'any'] = member.split(':') as [string, string?]
    const test = types[type]
    if (test === undefined) throw new TypeError(`${JSON.stringify(mark)} names a type that is none`)
    return { path: fieldPath(path), test }
  })
  return {
    firstNames: members.flatMap(({ path }) => firstNamesOf(path)),
    test: (fields) =>
      members.some(({ path, test }) => {
        const value = fieldAt(fields, path)
        return value !== undefined && test(value)
      }),
  }
}

/** A member may be named by the whole path. */
export function firstNamesOf({ names, text }: FieldPath): readonly string[] {
  return names.length === 1 ? [text] : [names[0] as string, text]
}
