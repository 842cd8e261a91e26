import { IsolationForest } from 'isolation-forest'

type Row = Record<string, number>

/** 100 trees, asked for 256 rows each, of the npm package `isolation-forest`. It has no seed. */
export function fitNpmForest(rows: Row[]): IsolationForest {
  const forest = new IsolationForest(100, 256)
  forest.fit(rows)
  return forest
}

/** The package takes each row as an object. */
export function asObjects(data: Float32Array, columns: number): Row[] {
  return Array.from({ length: data.length / columns }, (_, row) =>
    Object.fromEntries(Array.from({ length: columns }, (_, column) => [`c${column}`, data[row * columns + column]])),
  )
}
