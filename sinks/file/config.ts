import { z } from 'zod'

export const FileConfig = z.strictObject({
  path: z.string().min(1).describe('File that findings are appended to, one JSON document per line.'),
  max_bytes: z
    .number()
    .int()
    .min(1024)
    .default(100 * 1024 * 1024)
    .describe('Largest size in bytes. A larger file is rotated to path.1, path.2, ...'),
  keep: z.number().int().min(1).max(1000).default(10).describe('Number of rotated files to keep.'),
})
export type FileConfig = z.infer<typeof FileConfig>
