/** The report reads without this: it draws the chart, and opens every incident for the printer. */
const data = document.getElementById('timeline-data')
const chart = document.getElementById('timeline')
if (data && chart) globalThis.OddlineCharts.timeline(chart, JSON.parse(data.textContent), { height: 230 })

addEventListener('beforeprint', () => {
  for (const incident of document.querySelectorAll('details.incident')) incident.open = true
})
