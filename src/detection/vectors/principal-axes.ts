/** Axes of a symmetric matrix, in the order of their variances. */
export interface PrincipalAxes {
  /** The largest first. */
  readonly variances: Float64Array
  /** One axis after the other, each of length 1. */
  readonly axes: Float64Array
}

const sweepsMax = 60
const tiny = 1e-22

/** The axes of a symmetric matrix of `size` rows (Jacobi's rotations). The matrix is used up. */
export function principalAxes(matrix: Float64Array, size: number): PrincipalAxes {
  const vectors = new Float64Array(size * size)
  for (let index = 0; index < size; index++) vectors[index * size + index] = 1
  for (let sweep = 0; sweep < sweepsMax && offDiagonal(matrix, size) > tiny * size * size; sweep++) {
    for (let row = 0; row < size; row++) {
      for (let column = row + 1; column < size; column++) rotate(matrix, vectors, size, row, column)
    }
  }
  const order = Array.from({ length: size }, (_, index) => index).sort(
    (left, right) => (matrix[right * size + right] as number) - (matrix[left * size + left] as number),
  )
  const axes = new Float64Array(size * size)
  for (const [place, index] of order.entries()) {
    for (let row = 0; row < size; row++) axes[place * size + row] = vectors[row * size + index] as number
  }
  const variances = Float64Array.from(order, (index) => Math.max(0, matrix[index * size + index] as number))
  return { variances, axes }
}

function offDiagonal(matrix: Float64Array, size: number): number {
  let sum = 0
  for (let row = 0; row < size; row++) {
    for (let column = row + 1; column < size; column++) sum += (matrix[row * size + column] as number) ** 2
  }
  return sum
}

/** Turns two axes so that their product becomes 0. */
function rotate(matrix: Float64Array, vectors: Float64Array, size: number, row: number, column: number): void {
  const product = matrix[row * size + column] as number
  if (product === 0) return
  const half = ((matrix[column * size + column] as number) - (matrix[row * size + row] as number)) / (2 * product)
  const tangent = (half >= 0 ? 1 : -1) / (Math.abs(half) + Math.sqrt(half * half + 1))
  const cosine = 1 / Math.sqrt(tangent * tangent + 1)
  const sine = tangent * cosine
  for (let index = 0; index < size; index++) turn(matrix, index * size + row, index * size + column, cosine, sine)
  for (let index = 0; index < size; index++) turn(matrix, row * size + index, column * size + index, cosine, sine)
  for (let index = 0; index < size; index++) turn(vectors, index * size + row, index * size + column, cosine, sine)
}

function turn(values: Float64Array, left: number, right: number, cosine: number, sine: number): void {
  const [before, other] = [values[left] as number, values[right] as number]
  values[left] = cosine * before - sine * other
  values[right] = sine * before + cosine * other
}
