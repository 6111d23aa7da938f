/** How an application ends. */
export interface CloseOptions {
  /** How long closing may take, in milliseconds. Default: `commitTimeoutMs`. */
  readonly timeoutMs?: number | undefined
  /**
   * A static member (`groupInstanceId`) leaves the group at once, because its process will not return: others get its
   * tasks without waiting for the end of its session. Other members leave in any case. Default false.
   */
  readonly leaveGroup?: boolean | undefined
}
