// Added to a page by tests/pages.rs: acts as a reader would, and tells the frame around it what it found.
(function () {
  var problems = [];
  window.addEventListener("error", function (e) { problems.push(String(e.message)); });
  window.addEventListener("load", function () {
    var root = document.documentElement, button = document.getElementById("theme");
    var background = function () { return getComputedStyle(document.body).backgroundColor; };
    var fold = document.querySelector(".tree details"), before = fold ? fold.getBoundingClientRect().height : 0;
    var found = { buttonHidden: button.hidden, light: background() };
    button.click();
    found.dark = background();
    button.click();
    found.again = background();
    if (fold) { fold.querySelector("summary").click(); }
    setTimeout(function () {
      found.unfolds = !!fold && fold.open && fold.getBoundingClientRect().height > before;
      found.overflows = root.scrollWidth > window.innerWidth;
      document.querySelectorAll("details").forEach(function (d) { d.open = true; });
      found.overflowsUnfolded = root.scrollWidth > window.innerWidth;
      found.charts = Array.prototype.filter.call(document.querySelectorAll("figure svg"), function (svg) {
        var box = svg.getBoundingClientRect();
        return box.width > 100 && box.height > 40 && box.right <= window.innerWidth;
      }).length;
      found.figures = document.querySelectorAll("figure").length;
      found.problems = problems;
      parent.postMessage(JSON.stringify(found), "*");
    }, 50);
  });
})();
