/**
 * Orders of Java's hash and tree sets, needed only to print `describe()` as Java does: its text shows sets in the order
 * in which a HashMap or a TreeSet of the JDK happens to iterate.
 */

/** String.hashCode, spread as HashMap does. */
function spreadHash(text: string): number {
  let hash = 0
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0
  return hash ^ (hash >>> 16)
}

/** The iteration order of a java.util.HashSet that grew to hold these texts, added in this order. */
export function hashSetOrder(texts: readonly string[], capacity = 16): readonly string[] {
  const distinct = [...new Set(texts)]
  let size = capacity
  while (distinct.length > size * 0.75) size *= 2
  const slot = new Map(distinct.map((text) => [text, (spreadHash(text) & (size - 1)) >>> 0]))
  return distinct.sort((left, right) => (slot.get(left) ?? 0) - (slot.get(right) ?? 0))
}

/** The table size of `new HashSet<>(collection)`. */
export function copiedCapacity(count: number): number {
  const wanted = Math.max(Math.floor(count / 0.75) + 1, 16)
  return 2 ** Math.ceil(Math.log2(wanted))
}

interface TreeNode<T> {
  readonly value: T
  red: boolean
  parent: TreeNode<T> | undefined
  left: TreeNode<T> | undefined
  right: TreeNode<T> | undefined
}

/**
 * A red-black tree of insertions only, as java.util.TreeSet. Written out because its elements may change their rank after
 * they were inserted: then the order depends on how the tree was balanced.
 */
export class TreeSet<T> {
  #root: TreeNode<T> | undefined
  readonly #compare: (left: T, right: T) => number

  constructor(compare: (left: T, right: T) => number) {
    this.#compare = compare
  }

  add(value: T): void {
    const node: TreeNode<T> = { value, red: true, parent: undefined, left: undefined, right: undefined }
    if (!this.#root) {
      node.red = false
      this.#root = node
      return
    }
    let parent = this.#root
    for (;;) {
      const order = this.#compare(value, parent.value)
      if (order === 0) return
      const next = order < 0 ? parent.left : parent.right
      if (next) {
        parent = next
        continue
      }
      node.parent = parent
      if (order < 0) parent.left = node
      else parent.right = node
      break
    }
    this.#rebalance(node)
  }

  values(): readonly T[] {
    const values: T[] = []
    const visit = (node: TreeNode<T> | undefined): void => {
      if (!node) return
      visit(node.left)
      values.push(node.value)
      visit(node.right)
    }
    visit(this.#root)
    return values
  }

  #rebalance(inserted: TreeNode<T>): void {
    let node = inserted
    while (node.parent?.red) {
      const parent = node.parent
      const grandparent = parent.parent as TreeNode<T>
      const parentIsLeft = parent === grandparent.left
      const uncle = parentIsLeft ? grandparent.right : grandparent.left
      if (uncle?.red) {
        parent.red = false
        uncle.red = false
        grandparent.red = true
        node = grandparent
        continue
      }
      if (node === (parentIsLeft ? parent.right : parent.left)) {
        node = parent
        this.#rotate(node, parentIsLeft)
      }
      const top = node.parent as TreeNode<T>
      top.red = false
      grandparent.red = true
      this.#rotate(grandparent, !parentIsLeft)
    }
    if (this.#root) this.#root.red = false
  }

  #rotate(node: TreeNode<T>, left: boolean): void {
    const riser = (left ? node.right : node.left) as TreeNode<T>
    const inner = left ? riser.left : riser.right
    if (left) node.right = inner
    else node.left = inner
    if (inner) inner.parent = node
    riser.parent = node.parent
    if (!node.parent) this.#root = riser
    else if (node.parent.left === node) node.parent.left = riser
    else node.parent.right = riser
    if (left) riser.left = node
    else riser.right = node
    node.parent = riser
  }
}
