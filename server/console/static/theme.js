// The theme that was chosen here, before anything is drawn.
(function () {
  "use strict";
  var chosen = null;
  try { chosen = localStorage.getItem("teg-theme"); } catch (e) { /* a browser may keep nothing */ }
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
})();
