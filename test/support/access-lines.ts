/** One ordinary Combined line; `n` makes lines differ. */
export function ordinary(n: number): string {
  const second = String(n % 60).padStart(2, '0')
  const minute = String(Math.floor(n / 60) % 60).padStart(2, '0')
  return `192.0.2.${n % 250} - - [10/May/2026:10:${minute}:${second} +0000] "GET /page/${n % 40} HTTP/1.1" 200 ${1000 + (n % 500)} "-" "Mozilla/5.0 (X11; Linux x86_64)"`
}

export function ordinaryLines(count: number, from = 0): string {
  return Array.from({ length: count }, (_, i) => `${ordinary(from + i)}\n`).join('')
}

/** A request that the shipped rules find. */
export const SQLI =
  '203.0.113.9 - - [10/May/2026:11:00:00 +0000] "GET /item?id=1%27%20UNION%20SELECT%20password%20FROM%20users--%20 HTTP/1.1" 200 512 "-" "curl/8.5"'
