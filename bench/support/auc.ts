/** Area under the ROC curve: the chance that a positive scores above a negative, ties counting half. */
export function auc(negatives: Float32Array, positives: Float32Array): number {
  const all = [
    ...Array.from(negatives, (score) => ({ score, positive: false })),
    ...Array.from(positives, (score) => ({ score, positive: true })),
  ].sort((a, b) => a.score - b.score)
  let ranks = 0
  for (let i = 0; i < all.length; ) {
    let j = i
    while (j < all.length && all[j].score === all[i].score) j++
    for (let k = i; k < j; k++) if (all[k].positive) ranks += (i + j + 1) / 2
    i = j
  }
  return (ranks - (positives.length * (positives.length + 1)) / 2) / (negatives.length * positives.length)
}
