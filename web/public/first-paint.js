// Runs before the first paint, so that a kept theme or language never flashes in the wrong one.
;(function () {
  try {
    var theme = localStorage.getItem('tidemark.theme')
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
    var kept = localStorage.getItem('tidemark.language')
    var wanted = kept || (navigator.languages && navigator.languages[0]) || navigator.language || 'en'
    document.documentElement.lang = /^fr\b/i.test(wanted) ? 'fr' : 'en'
  } catch {
    // Storage can be forbidden; the page then follows the system.
  }
})()
