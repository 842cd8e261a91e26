/** The 95 % confidence interval of a proportion (Wilson 1927). */
export function wilson(hits: number, count: number): [low: number, high: number] {
  const z = 1.959964
  const share = hits / count
  const centre = share + z ** 2 / (2 * count)
  const spread = z * Math.sqrt((share * (1 - share)) / count + z ** 2 / (4 * count ** 2))
  const scale = 1 + z ** 2 / count
  return [Math.max(0, (centre - spread) / scale), (centre + spread) / scale]
}
