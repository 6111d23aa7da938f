/** `com.example.Handler`, `reflector.go:147`, `OrderHandler`: where in a program a log was written. */
const codeName = /[.:/\\$#]|[a-z][A-Z]/

/**
 * Whether a component is a place in the code. Such a place is no service, and no part of one that has a rate: a handler
 * of errors logs nothing else.
 */
export function isCodeName(component: string): boolean {
  return codeName.test(component)
}
