/** Standard errors of a 95 % interval. */
const Z_95 = 1.959964

/** The score interval of a binomial share, `z` standard errors wide to each side (Wilson 1927); of 95 % by default. */
export function wilson(hits: number, count: number, z = Z_95): [low: number, high: number] {
  const share = hits / count
  const centre = share + z ** 2 / (2 * count)
  const spread = z * Math.sqrt((share * (1 - share)) / count + z ** 2 / (4 * count ** 2))
  const scale = 1 + z ** 2 / count
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)]
}
