// Runs before the page is drawn, so that a dark page does not flash white. The reader's choice is in a cookie, which is
// there at once; the page would wait for the browser to open its storage.
{
  const chosen = /(?:^|; )theme=(dark|light)/.exec(document.cookie)?.[1]
  const isDark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.classList.toggle('dark', isDark)
}
