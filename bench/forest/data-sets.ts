import { seeded } from '../../src/core/random.ts'

/** Labelled rows, in columns one after the other. */
export interface DataSet {
  readonly name: string
  readonly rows: number
  readonly columns: number
  readonly data: Float32Array
  readonly labels: Uint8Array
}

/** Five kinds of normal rows, each with 5 % anomalies of its own kind. */
export function dataSets(): readonly DataSet[] {
  return [blobs(), ring(), correlated(), sparse(), heavyTails()]
}

/** Normal rows by one recipe, 5 % anomalies by another, in columns of their own kind. */
function dataSet(
  name: string,
  columns: number,
  normal: (g: () => number) => number[],
  odd: (g: () => number) => number[],
): DataSet {
  const rows = 4000
  const random = seeded(name.length * 7919)
  const gaussian = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const labels = Uint8Array.from({ length: rows }, () => (random() < 0.05 ? 1 : 0))
  const data = Float32Array.from([...labels].flatMap((label) => (label === 1 ? odd(gaussian) : normal(gaussian))))
  return { name, rows, columns, data, labels }
}

function blobs(): DataSet {
  const around = (g: () => number, center: number) => Array.from({ length: 6 }, () => center + g())
  return dataSet(
    'blobs',
    6,
    (g) => around(g, g() > 0 ? 0 : 4),
    (g) => Array.from({ length: 6 }, () => 2 + 3 * g()),
  )
}

function ring(): DataSet {
  const circle = (g: () => number) => {
    const [x, y] = [g(), g()]
    const radius = Math.hypot(x, y)
    return [(5 * x) / radius + 0.3 * g(), (5 * y) / radius + 0.3 * g(), g()]
  }
  return dataSet('ring', 3, circle, (g) => [g() * 2, g() * 2, g()])
}

function correlated(): DataSet {
  const shared = (g: () => number, noise: number) => {
    const common = g()
    return Array.from({ length: 8 }, () => common + noise * g())
  }
  return dataSet(
    'correlated',
    8,
    (g) => shared(g, 0.3),
    (g) => shared(g, 1.5),
  )
}

function sparse(): DataSet {
  const counts = (g: () => number, often: number) =>
    Array.from({ length: 20 }, () => (Math.abs(g()) > often ? Math.round(Math.abs(g()) * 5) : 0))
  return dataSet(
    'sparse',
    20,
    (g) => counts(g, 1.8),
    (g) => counts(g, 1.2),
  )
}

function heavyTails(): DataSet {
  return dataSet(
    'heavy_tails',
    5,
    (g) => Array.from({ length: 5 }, () => Math.exp(g())),
    (g) => Array.from({ length: 5 }, () => Math.exp(0.8 + 1.2 * g())),
  )
}

/** Independent standard normal values. */
export function gaussians(count: number, seed: number): Float32Array {
  const random = seeded(seed)
  return Float32Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  )
}
