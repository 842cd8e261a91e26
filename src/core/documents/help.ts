/** What a code tells the user: what it means, and what to do. */
export interface Help {
  readonly meaning: string
  readonly remedy: string
}
