// The page: charts are drawn as they come near, ages are judged by the reader's clock.

const DAY = 86400000;

function daysSince(text) { return Math.floor((Date.now() - Date.parse(text.length > 10 ? text : `${text}T00:00:00Z`)) / DAY); }

function tellAge() {
  const { finished_at: finished, ages, stale_after_hours: limit } = DATA.meta, says = document.getElementById("age");
  if (finished && says) {
    const hours = (Date.now() - Date.parse(finished)) / 3600000, old = hours > limit;
    const ago = hours < 48 ? `${Math.max(0, Math.round(hours))} h` : `${Math.floor(hours / 24)} days`;
    says.textContent = hours < -1 ? "Your clock stands before the end of this run: ages can't be told."
      : old ? `Stale by your clock: this run ended ${ago} ago, and nothing published since is in it.` : `Fresh: this run ended ${ago} ago.`;
    says.className = hours < -1 || old ? "banner" : "fresh";
  }
  for (const { topic, newest_on: newest, limit: most } of ages) {
    const cell = document.querySelector(`[data-topic="${topic}"]`);
    if (!cell || !newest) continue;
    const days = daysSince(newest);
    cell.querySelector(".days").textContent = `${days} days`;
    cell.classList.toggle("old", days > most);
  }
}

// A part is as high as what it shows: the page around it scrolls.
function growFrame() {
  const frame = PART && window.frameElement;
  const fit = () => { frame.style.height = `${Math.ceil(document.documentElement.getBoundingClientRect().height) + 4}px`; };
  if (frame) new ResizeObserver(fit).observe(document.body);
}

function start() {
  growFrame();
  for (const figure of document.querySelectorAll("figure.chart")) charts.set(figure.id, new Chart(figure, DATA.charts[figure.id]));
  const near = new IntersectionObserver((seen) => seen.forEach((one) => {
    const chart = charts.get(one.target.id);
    if (one.isIntersecting && !chart.drawn) chart.draw();
  }), { rootMargin: "900px" });
  for (const chart of charts.values()) near.observe(chart.figure);
  const onSheet = (sheet) => {
    document.documentElement.classList.toggle("sheet", sheet);
    charts.forEach((chart) => (sheet || chart.drawn) && chart.draw());
  };
  window.addEventListener("beforeprint", () => onSheet(true));
  window.addEventListener("afterprint", () => onSheet(false));
  let width = window.innerWidth, waiting;
  window.addEventListener("resize", () => {
    if (window.innerWidth === width) return;
    width = window.innerWidth;
    clearTimeout(waiting);
    waiting = setTimeout(() => charts.forEach((chart) => chart.drawn && chart.draw()), 150);
  });
  window.addEventListener("hashchange", obeyHash);
  window.addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });
  document.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key], busy = event.target.closest("input, select, textarea, dialog, .panel, .scroll");
    if (!by || busy || event.altKey || event.ctrlKey || event.metaKey || !active || active.steps.length < 2) return;
    active.move(by);
    event.preventDefault();
  });
  const figure = document.getElementById("figure");
  // Its own padding and what lies around it are the dialog itself to an event.
  figure.addEventListener("click", (event) => {
    const box = figure.getBoundingClientRect(), beside = (at, low, high) => at < low || at > high;
    const outside = event.target === figure && (beside(event.clientX, box.left, box.right) || beside(event.clientY, box.top, box.bottom));
    if (outside || event.target.closest(".close")) figure.close();
  });
  tellAge();
  // A tab that comes back from a night's sleep is judged again.
  for (const back of ["pageshow", "focus"]) window.addEventListener(back, tellAge);
  obeyHash();
  document.documentElement.dataset.ready = "yes";
}

start();
