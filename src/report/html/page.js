(function () {
  var root = document.documentElement, button = document.getElementById("theme");
  var system = window.matchMedia("(prefers-color-scheme: dark)");
  function dark() { return root.dataset.theme ? root.dataset.theme === "dark" : system.matches; }
  function label() { button.textContent = dark() ? "Light" : "Dark"; button.setAttribute("aria-label", dark() ? "Use light colours" : "Use dark colours"); }
  button.hidden = false;
  button.addEventListener("click", function () { root.dataset.theme = dark() ? "light" : "dark"; label(); });
  system.addEventListener("change", label);
  label();
  // A link to an equation unfolds what is around it.
  function unfold() {
    var at = document.getElementById(location.hash.slice(1));
    for (var around = at; around; around = around.parentElement) { if (around.tagName === "DETAILS") { around.open = true; } }
    if (at) { at.scrollIntoView(); }
  }
  window.addEventListener("hashchange", unfold);
  unfold();
})();
