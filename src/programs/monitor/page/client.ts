/**
 * The page's script. It only replaces what the server rendered, counts ages and draws the two charts. Its own clock is
 * the monotonic one: a reader's wrong wall clock changes no age (M-5).
 */
export const CLIENT = String.raw`"use strict";
(() => {
  const QUIET_MS = 3000;
  const by = (id) => document.getElementById(id);
  const navigation = performance.getEntriesByType("navigation")[0];
  let heardAt = navigation ? navigation.responseStart : 0;
  let word = by("hero").dataset.word;
  let silent = false;
  let source = null;

  const ageText = (ms) => {
    const s = Math.max(0, Math.round(ms / 1000));
    if (s < 120) return s + " s";
    if (s < 7200) return Math.round(s / 60) + " min";
    if (s < 172800) return Math.round(s / 3600) + " h";
    return Math.round(s / 86400) + " d";
  };
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const isUtc = new Date().getTimezoneOffset() === 0;
  const local = (root) => {
    if (isUtc) return;
    for (const one of root.querySelectorAll("time[data-local]")) {
      const at = new Date(one.dateTime);
      const text = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
      one.append(" (" + text + " here)");
      one.removeAttribute("data-local");
    }
  };
  const stamp = (root, at) => {
    for (const one of root.querySelectorAll("[data-age]")) one.bornAt = at - Number(one.dataset.age);
  };
  const count = () => {
    const now = performance.now();
    for (const one of document.querySelectorAll("[data-age]")) {
      const ms = now - (one.bornAt ?? now);
      const limit = Number(one.dataset.stale || Infinity);
      const stale = ms > limit;
      const text = ageText(ms) + " ago" + (stale ? " " : "");
      if (one.firstChild && one.firstChild.data !== text) one.firstChild.data = text;
      const mark = one.querySelector(".stale");
      if (stale && !mark) {
        const strong = document.createElement("strong");
        strong.className = "stale";
        strong.textContent = "STALE";
        one.append(strong);
      } else if (!stale && mark) mark.remove();
    }
    const since = now - heardAt;
    const heard = by("heard");
    if (heard) heard.textContent = ageText(since) + " ago" + (since > QUIET_MS ? " STALE" : "");
    if (since > QUIET_MS) noNews(since);
  };
  const hero = (next) => {
    const box = by("hero");
    box.dataset.word = next.word;
    if (word !== next.word || silent) {
      box.setAttribute("role", next.alarm ? "alert" : "status");
      box.setAttribute("aria-live", next.alarm ? "assertive" : "polite");
      document.title = next.word + " · abot";
      document.documentElement.dataset.word = next.slug;
      by("icon").href = "/icon/" + next.slug + ".svg";
      box.innerHTML = next.hero;
    } else if (box.innerHTML !== next.hero) {
      const sentence = box.querySelector(".sentence");
      const fresh = document.createElement("div");
      fresh.innerHTML = next.hero;
      const text = fresh.querySelector(".sentence").textContent;
      if (sentence.textContent !== text) sentence.textContent = text;
    }
    word = next.word;
    silent = false;
  };
  const noNews = (since) => {
    const text = "This page has heard nothing from the monitor for " + ageText(since) + ". What it shows is old.";
    const box = by("hero");
    if (!silent) {
      box.dataset.word = "NO NEWS";
      box.setAttribute("role", "status");
      box.setAttribute("aria-live", "polite");
      box.querySelector(".word").textContent = "NO NEWS";
      document.title = "NO NEWS · abot";
      by("icon").href = "/icon/no-news.svg";
    }
    box.querySelector(".sentence").textContent = text;
    silent = true;
  };
  const replace = (name, html) => {
    const box = by("s-" + name);
    if (!box || box.sent === html) return;
    box.sent = html;
    const open = [...box.querySelectorAll("details[open]")].map((one) => one.id);
    const focus = box.contains(document.activeElement) ? document.activeElement.closest("details")?.id : null;
    const left = [...box.querySelectorAll(".scroll")].map((one) => one.scrollLeft);
    box.innerHTML = html;
    for (const id of open) if (by(id)) by(id).open = true;
    if (focus && by(focus)) by(focus).querySelector("summary").focus();
    box.querySelectorAll(".scroll").forEach((one, index) => one.scrollLeft = left[index] ?? 0);
    local(box);
    stamp(box, performance.now());
  };
  let drawn = -1;
  let drawnAt = -Infinity;
  const apply = (next) => {
    heardAt = performance.now();
    if (next.hero !== undefined) hero(next);
    else if (silent) void refetch();
    for (const [name, html] of Object.entries(next.sections ?? {})) replace(name, html);
    if (next.charts !== undefined && next.charts !== drawn && heardAt - drawnAt > 15000) {
      drawn = next.charts;
      void draw();
    }
    count();
  };
  const refetch = async () => {
    try {
      const reply = await fetch("/snapshot", { cache: "no-store" });
      if (reply.ok) apply(await reply.json());
    } catch { /* the counter says it */ }
  };
  const listen = () => {
    source?.close();
    source = new EventSource("/events");
    source.onmessage = (event) => apply(JSON.parse(event.data));
  };

  // ---- charts ----
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const two = (value) => String(value).padStart(2, "0");
  const moments = (u, splits) => splits.map((s, index) => {
    const at = new Date(s * 1000);
    const day = at.getUTCDate() + " " + months[at.getUTCMonth()];
    const midnight = at.getUTCHours() === 0 && at.getUTCMinutes() === 0;
    const step = splits[1] - splits[0];
    if (step >= 86400 || midnight) return day;
    const seconds = step < 60 ? ":" + two(at.getUTCSeconds()) : "";
    return two(at.getUTCHours()) + ":" + two(at.getUTCMinutes()) + seconds + (index === 0 ? "\n" + day : "");
  });
  let plots = [];
  let data = null;
  const dollars = (value) => "$" + value.toLocaleString("en-US", { maximumFractionDigits: value < 1000 ? 2 : 0 });
  const shades = (u) => {
    const { ctx, bbox } = u;
    ctx.save();
    for (const { from, to, word: what } of data.shades) {
      const [a, b] = [u.valToPos(from, "x", true), u.valToPos(to, "x", true)];
      ctx.fillStyle = css(what === "HALT" ? "--bad-bg" : "--warn-bg");
      ctx.fillRect(Math.max(a, bbox.left), bbox.top, Math.max(1, Math.min(b, bbox.left + bbox.width) - a), bbox.height);
    }
    ctx.restore();
  };
  const marks = (u) => {
    const { ctx } = u;
    const size = 5 * devicePixelRatio;
    ctx.save();
    for (const { at, usd, kind, long } of data.marks) {
      const [x, y] = [u.valToPos(at, "x", true), u.valToPos(usd, "y", true)];
      const up = (kind === "entry") === long;
      ctx.beginPath();
      ctx.moveTo(x, y + (up ? 0 : 0));
      ctx.lineTo(x - size, y + (up ? size * 1.7 : -size * 1.7));
      ctx.lineTo(x + size, y + (up ? size * 1.7 : -size * 1.7));
      ctx.closePath();
      ctx.fillStyle = css(kind === "entry" ? "--accent" : "--ink");
      ctx.strokeStyle = css("--card");
      ctx.lineWidth = devicePixelRatio;
      ctx.fill();
      ctx.stroke();
    }
    ctx.restore();
  };
  const level = (u, usd, text, colour) => {
    if (usd === null || usd < u.scales.y.min || usd > u.scales.y.max) return;
    const { ctx, bbox } = u;
    const y = u.valToPos(usd, "y", true);
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = css(colour);
    ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.font = 12 * devicePixelRatio + "px system-ui, sans-serif";
    ctx.textAlign = "left";
    ctx.textBaseline = "alphabetic";
    ctx.fillText(text + " " + dollars(usd), bbox.left + 6 * devicePixelRatio, y - 5 * devicePixelRatio);
    ctx.restore();
  };
  const plot = (id, series, hooks, range) => {
    const box = by(id);
    const axis = { stroke: css("--quiet"), grid: { stroke: css("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    const made = new uPlot({
      width: box.clientWidth,
      height: box.clientWidth < 500 ? 220 : id === "price-chart" ? 300 : 220,
      tzDate: (ts) => uPlot.tzDate(new Date(ts * 1000), "Etc/UTC"),
      cursor: { y: false, drag: { x: false, y: false } },
      legend: { show: false },
      scales: { y: range ? { range } : {} },
      axes: [{ ...axis, values: moments, space: 70 }, { ...axis, size: 74, values: (_, values) => values.map(dollars) }],
      series: [{}, ...series.map(([, options]) => ({ points: { show: false }, spanGaps: false, ...options }))],
      hooks,
    }, [data.at, ...series.map(([name]) => data[name])], box);
    plots.push(made);
  };
  const paint = () => {
    for (const one of plots) one.destroy();
    plots = [];
    by("charts").hidden = data === null || data.at.length < 2;
    if (data === null || data.at.length < 2) return;
    plot("price-chart", [
      ["price", { stroke: css("--ink"), width: 1.5 }],
      ["stop", { stroke: css("--bad"), width: 2 }],
      ["target", { stroke: css("--good"), width: 2 }],
    ], { drawClear: [shades], draw: [marks] });
    const near = (u, min, max) => {
      const low = data.floor !== null && min - data.floor < .4 * min ? Math.min(min, data.floor) : min;
      const high = data.goal !== null && data.goal - max < .4 * max ? Math.max(max, data.goal) : max;
      const pad = (high - low || 1) * .08;
      return [low - pad, high + pad];
    };
    plot("money-chart", [
      ["held", { stroke: css("--quiet"), width: 1.5, dash: [5, 4] }],
      ["trading", { stroke: css("--ink"), width: 1.5 }],
      ["total", { stroke: css("--accent"), width: 2.5 }],
    ], {
      drawClear: [shades],
      draw: [(u) => { level(u, data.floor, "floor", "--bad"); level(u, data.goal, "goal", "--good"); }],
    }, near);
    const loading = by("loading");
    loading.hidden = data.waitingDays === 0;
    loading.textContent = "Still reading " + data.waitingDays + " older days.";
  };
  const draw = async () => {
    drawnAt = performance.now();
    try {
      const reply = await fetch("/chart?range=" + by("charts").dataset.range, { cache: "no-store" });
      if (!reply.ok) return;
      data = await reply.json();
      paint();
    } catch { /* the counter says it */ }
  };
  document.querySelector(".ranges").addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    for (const one of document.querySelectorAll(".ranges a")) one.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    by("charts").dataset.range = link.dataset.range;
    history.replaceState(null, "", link.href);
    void draw();
    void table(link.href);
  });
  const table = async (href) => {
    try {
      const page = new DOMParser().parseFromString(await (await fetch(href, { cache: "no-store" })).text(), "text/html");
      replace("table", page.getElementById("s-table").innerHTML);
    } catch { /* the next range shows it */ }
  };
  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth === width) return;
    width = innerWidth;
    requestAnimationFrame(paint);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);

  // ---- start ----
  if (!isUtc) by("zone").textContent = "; in brackets the time in your zone, " + zone;
  local(document);
  stamp(document, heardAt);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    void refetch();
    if (source.readyState === 2) listen();
  });
  addEventListener("pageshow", (event) => event.persisted && (listen(), void refetch()));
  setInterval(count, 500);
  setInterval(() => source.readyState === 2 && listen(), 2000);
  listen();
  void draw();
})();
`;
